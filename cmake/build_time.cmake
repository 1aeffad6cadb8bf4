# SPDX-License-Identifier: LGPL-2.1-or-later
# Two ways to build in less time. With ccache neither is used: it keeps single sources, and nothing
# that uses precompiled headers.
set(whole_builds ON)
if(CMAKE_CXX_COMPILER_LAUNCHER MATCHES "ccache")
  set(whole_builds OFF)
endif()
# A sixth of a build with sanitizers goes into the headers of the unit tests' framework.
option(LVMPOLLD_PRECOMPILE "Parse common headers once" ${whole_builds})
# A third to two thirds go into headers and templates that most sources of a folder use.
set(LVMPOLLD_UNITY 1 CACHE STRING "So many sources of a folder are compiled at a time")

# compile_together(TARGET [option...]): names in anonymous namespaces then have to differ within a
# folder. With these options of the compiler.
function(compile_together target)
  if(LVMPOLLD_UNITY GREATER 1 AND whole_builds)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON
      UNITY_BUILD_BATCH_SIZE ${LVMPOLLD_UNITY}
      UNITY_BUILD_CODE_BEFORE_INCLUDE "// NOLINTNEXTLINE(bugprone-suspicious-include)")
    target_compile_options(${target} PRIVATE ${ARGN})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU") # takes an included source for a header
      target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
    endif()
  endif()
endfunction()

# precompiled_headers(NAME HEADERS <header>... [LIBRARIES library...]): for targets that are
# compiled with the same options.
function(precompiled_headers name)
  cmake_parse_arguments(HERE "" "" "HEADERS;LIBRARIES" ${ARGN})
  if(LVMPOLLD_PRECOMPILE)
    file(GENERATE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp CONTENT "")
    add_library(${name} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
    target_link_libraries(${name} PRIVATE ${HERE_LIBRARIES})
    target_precompile_headers(${name} PRIVATE ${HERE_HEADERS})
  endif()
endfunction()

# use_precompiled_headers(TARGET NAME)
function(use_precompiled_headers target name)
  if(LVMPOLLD_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM ${name})
  endif()
endfunction()
