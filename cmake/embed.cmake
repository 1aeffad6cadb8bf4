# SPDX-License-Identifier: LGPL-2.1-or-later
# embed_texts(HEADER NAMESPACE FILE...): a header with each file as `constexpr std::string_view`,
# called like the file without its ending, in small letters, `_` in place of `.`. It is made again
# when a file changes.
function(embed_texts header namespace)
  string(CONCAT text
    "// Made from the files that it names.\n#pragma once\n\n"
    "#include <string_view>\n\nnamespace ${namespace} {\n")
  foreach(file ${ARGN})
    set_property(DIRECTORY APPEND PROPERTY
      CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    get_filename_component(name ${file} NAME_WLE)
    string(MAKE_C_IDENTIFIER ${name} name)
    string(TOLOWER ${name} name)
    file(READ ${file} content)
    string(APPEND text
      "\n// ${file}\n"
      "inline constexpr std::string_view ${name} = R\"embedded(${content})embedded\";\n")
  endforeach()
  file(GENERATE OUTPUT ${header} CONTENT "${text}\n} // namespace ${namespace}\n")
endfunction()
