# SPDX-License-Identifier: LGPL-2.1-or-later
# layer(NAME [DEPENDS layer...]): the folder's *.cpp files as one static library. A folder may use
# only the layers it names here, and those stand above it in docs/architecture.md.
function(layer name)
  cmake_parse_arguments(LAYER "" "" "DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(sources)
    add_library(${name} STATIC ${sources})
    compile_together(${name})
    set(scope PUBLIC)
  else()
    add_library(${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${name} ${scope} ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${name} ${scope} ${LAYER_DEPENDS})
endfunction()
