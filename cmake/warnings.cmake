# SPDX-License-Identifier: LGPL-2.1-or-later
# Warnings, sanitizers and the definitions that every target of the project is compiled with.
add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Wcast-qual -Wformat=2 -Wundef)
if(LVMPOLLD_WERROR)
  add_compile_options(-Werror)
endif()
add_compile_options(-fno-omit-frame-pointer -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
# Whether Asio 1.22 finds aligned_alloc hangs on what a file includes before it: files would free
# what they never got from it.
add_compile_definitions(_GNU_SOURCE ASIO_STANDALONE ASIO_NO_DEPRECATED
  ASIO_DISABLE_STD_ALIGNED_ALLOC)

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options(-Wthread-safety -Wthread-safety-beta)
  # Asio 1.22 recognises coroutines of g++ and of Clang with libc++ only.
  add_compile_definitions(ASIO_HAS_CO_AWAIT ASIO_HAS_STD_COROUTINE)
endif()

if(LVMPOLLD_SANITIZE)
  add_compile_options(-fsanitize=${LVMPOLLD_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LVMPOLLD_SANITIZE})
endif()
if(LVMPOLLD_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(LVMPOLLD_STATIC)
  add_compile_options(-ffunction-sections -fdata-sections)
endif()
