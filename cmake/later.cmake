# later(PROGRAM LAYERS ... LIBRARIES ...): what src/later.h tells of.
#
# The program is linked with copies of these layers in which all that the libraries define is weak, so that the loader minds none of it at
# the start. What no library defines is looked for as ever: a function that is nowhere is still an error of the linker.

function(later program)
	cmake_parse_arguments(L "" "" "LAYERS;LIBRARIES" ${ARGN})
	set(names ${CMAKE_BINARY_DIR}/later.names)
	add_custom_command(OUTPUT ${names} DEPENDS ${L_LIBRARIES} VERBATIM
		COMMAND sh -c "names=$1; shift; \"$@\" | sed '/^$/d; s/[@ ].*//' >\"$names\"" sh ${names} ${CMAKE_NM} -D -P --defined-only ${L_LIBRARIES})
	foreach(layer ${L_LAYERS})
		set(copy ${CMAKE_BINARY_DIR}/lib${layer}-later.a)
		add_custom_command(OUTPUT ${copy} DEPENDS ${layer} ${names} VERBATIM
			COMMAND ${CMAKE_OBJCOPY} --weaken-symbols=${names} $<TARGET_FILE:${layer}> ${copy})
		list(APPEND copies ${copy})
	endforeach()
	add_custom_target(${program}-later DEPENDS ${copies})
	add_dependencies(${program} ${program}-later)
	set_property(TARGET ${program} APPEND PROPERTY LINK_DEPENDS ${copies})
	# Every call goes by the table that is filled when it is first made, also where all programs are linked otherwise.
	target_link_libraries(${program} PRIVATE flags ${copies} -Wl,-z,lazy -Wl,-z,dynamic-undefined-weak)
endfunction()

# sonames(OUT FILE ...): what the loader calls these libraries, as strings of C with a comma behind each.
function(sonames out)
	foreach(file ${ARGN})
		execute_process(COMMAND ${CMAKE_OBJDUMP} -p ${file} OUTPUT_VARIABLE headers COMMAND_ERROR_IS_FATAL ANY)
		string(REGEX MATCH "SONAME +([^ \n]+)" found "${headers}")
		string(APPEND quoted "\"${CMAKE_MATCH_1}\",")
	endforeach()
	set(${out} "${quoted}" PARENT_SCOPE)
endfunction()
