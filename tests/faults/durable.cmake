# Nothing that anyone saw is lost, and nothing is promised that is not kept. Figures: ROUNDS=200 node kill9.js.
if(NODE AND NODE_WS)
	function(fault name script)
		add_test(NAME faults-${name} COMMAND ${NODE} ${CMAKE_CURRENT_LIST_DIR}/${script}.js ${ARGN})
		set_tests_properties(faults-${name} PROPERTIES TIMEOUT 180 LABELS faults SKIP_RETURN_CODE 77
			ENVIRONMENT "${FAULTS_ENVIRONMENT}")
	endfunction()

	fault(kill9 kill9)
	fault(kill9-process kill9 --durability process)
	fault(kill9-memory kill9 --durability memory)
	fault(full full)
	fault(io io)
	fault(drain drain)
	fault(descriptors descriptors)
	fault(rooms rooms)

	add_library(faults-frozen MODULE ${CMAKE_CURRENT_LIST_DIR}/frozen_preload.c) # without sanitizers: it is there before they are
	set_target_properties(faults-frozen PROPERTIES PREFIX "")
	fault(frozen frozen)
	set_property(TEST faults-frozen APPEND PROPERTY ENVIRONMENT PRELOAD=$<TARGET_FILE:faults-frozen>)
endif()
