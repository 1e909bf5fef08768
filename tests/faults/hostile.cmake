# Strangers and clients that mean harm. Figures: COUNT=10000 node hostile.js.
if(NODE AND NODE_WS)
	foreach(name hostile knocking)
		add_test(NAME faults-${name} COMMAND ${NODE} ${CMAKE_CURRENT_LIST_DIR}/${name}.js)
		set_tests_properties(faults-${name} PROPERTIES TIMEOUT 180 LABELS faults
			ENVIRONMENT "${FAULTS_ENVIRONMENT};PULSE=$<TARGET_FILE:faults-pulse>")
	endforeach()
endif()
