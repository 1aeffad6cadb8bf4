# SPDX-License-Identifier: LGPL-2.1-or-later
# The release is compiled for size, which its start and its memory are made of.
# compile_for_speed(SOURCE...) excepts those of this folder that every request goes through.
function(compile_for_speed)
  if(CMAKE_CXX_FLAGS_RELWITHDEBINFO MATCHES "-Os")
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS "-O2")
  endif()
endfunction()
