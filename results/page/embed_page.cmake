# Puts the report page together and writes it as C++ (page_text.hpp).
#
#   cmake -DCHART=chart.min.js -DOUT=page_text.cpp -P embed_page.cmake -- page.html page.css chart-licence.txt head.js a.js b.js ...
#
# In the template @style@, @head@, @chart@, @licence@ and @script@ stand for the files, the scripts but the first one after the other, and @...-hash@ for what
# the page's Content-Security-Policy allows to run: these texts and no other. The data goes where @data@ stands.

set(arguments "")
set(after_dashes FALSE)
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE ${last})
  if(after_dashes)
    list(APPEND arguments "${CMAKE_ARGV${i}}")
  elseif("${CMAKE_ARGV${i}}" STREQUAL "--")
    set(after_dashes TRUE)
  endif()
endforeach()
list(POP_FRONT arguments template style licence head)

# The SHA-256 of a text as a Content-Security-Policy writes it.
function(policy_hash text result)
  set(digits "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  string(SHA256 hex "${text}")
  set(coded "")
  foreach(group RANGE 0 10)
    math(EXPR from "${group} * 6")
    string(SUBSTRING "${hex}" ${from} 6 part)  # three bytes; of the last group two
    set(characters 4)
    if(group EQUAL 10)
      set(part "${part}00")
      set(characters 3)
    endif()
    foreach(place RANGE 1 ${characters})
      math(EXPR digit "(0x${part} >> (24 - 6 * ${place})) & 63")
      string(SUBSTRING "${digits}" ${digit} 1 character)
      string(APPEND coded "${character}")
    endforeach()
  endforeach()
  set(${result} "sha256-${coded}=" PARENT_SCOPE)
endfunction()

# What would end a script early is nowhere in it.
function(require_inert text what)
  foreach(word IN ITEMS "</script" "</style" "<!--")
    string(FIND "${text}" "${word}" found)
    if(NOT found EQUAL -1)
      message(FATAL_ERROR "${what} holds ${word}: inside a page it would end there")
    endif()
  endforeach()
endfunction()

file(READ "${template}" page)
file(READ "${style}" style_text)
file(READ "${licence}" licence_text)
file(READ "${head}" head_text)
file(READ "${CHART}" chart_text)
set(script_text "")
foreach(file IN LISTS arguments)
  file(READ "${file}" text)
  string(APPEND script_text "${text}")
endforeach()
require_inert("${style_text}" "the style")
require_inert("${head_text}" "${head}")
require_inert("${chart_text}" "${CHART}")
require_inert("${script_text}" "the script")

foreach(part IN ITEMS style head chart script)
  policy_hash("${${part}_text}" ${part}_hash)
  string(REPLACE "@${part}-hash@" "${${part}_hash}" page "${page}")
endforeach()
# Each once, the data's place last, so that nothing in one text is taken for the place of another.
string(FIND "${page}" "@data@" place)
string(SUBSTRING "${page}" 0 ${place} before)
math(EXPR place "${place} + 6")
string(SUBSTRING "${page}" ${place} -1 after)
foreach(part IN ITEMS style licence head chart script)
  foreach(side IN ITEMS before after)
    string(REPLACE "@${part}@" "${${part}_text}" ${side} "${${side}}")
  endforeach()
endforeach()

# Compilers limit the length of one literal.
function(write_pieces text name)
  string(LENGTH "${text}" length)
  set(code "constexpr std::string_view ${name}[] = {\n")
  set(from 0)
  while(from LESS length)
    string(SUBSTRING "${text}" ${from} 12000 piece)
    string(APPEND code "R\"page_text(${piece})page_text\",\n")
    math(EXPR from "${from} + 12000")
  endwhile()
  file(APPEND "${OUT}" "${code}};\n\n")
endfunction()

file(WRITE "${OUT}" "// Written by embed_page.cmake.\n#include \"results/page/page_text.hpp\"\n\nnamespace afterwrite {\nnamespace {\n\n")
write_pieces("${before}" before_data)
write_pieces("${after}" after_data)
file(APPEND "${OUT}" "}  // namespace

std::span<const std::string_view> page_text_before_data() { return before_data; }
std::span<const std::string_view> page_text_after_data() { return after_data; }

}  // namespace afterwrite\n")
