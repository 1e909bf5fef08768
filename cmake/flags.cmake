# The warnings every file is held to, and layer(): one static library of the program.

add_library(flags INTERFACE)
target_compile_options(flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wvla
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Werror
	-fno-common -fstack-protector-strong)
target_compile_definitions(flags INTERFACE _GNU_SOURCE CODECOLLAB_VERSION="${PROJECT_VERSION}")
target_include_directories(flags INTERFACE ${CMAKE_SOURCE_DIR})
# gcc 12 takes what a call has written into a struct of its caller for unwritten (-O2: tui/thrift.c's blanks kept the colour before them).
if(CMAKE_C_COMPILER_ID STREQUAL GNU AND CMAKE_C_COMPILER_VERSION VERSION_GREATER_EQUAL 11 AND CMAKE_C_COMPILER_VERSION VERSION_LESS 13)
	target_compile_options(flags INTERFACE -fno-ipa-modref)
endif()
if(LATER)
	target_compile_options(flags INTERFACE -fplt) # whatever the environment says: a call without one is bound at the start
endif()
if(CMAKE_BUILD_TYPE STREQUAL Release)
	target_compile_definitions(flags INTERFACE _FORTIFY_SOURCE=2)
endif()
if(SANITIZE)
	target_compile_options(flags INTERFACE -fsanitize=${SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
	target_link_options(flags INTERFACE -fsanitize=${SANITIZE})
endif()
if(FUZZ)
	target_compile_options(flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# layer(NAME SOURCES ... LINK ...): headers of libraries count as system headers, ours do not.
function(layer name)
	cmake_parse_arguments(L "" "" "SOURCES;LINK;DEFINE" ${ARGN})
	add_library(${name} STATIC ${L_SOURCES})
	set_target_properties(${name} PROPERTIES LINKER_LANGUAGE C)
	target_link_libraries(${name} PUBLIC flags ${L_LINK})
	target_compile_definitions(${name} PUBLIC ${L_DEFINE})
endfunction()
