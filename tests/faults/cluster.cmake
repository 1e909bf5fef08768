# Servers that share rooms by a Redis, and die. Figures: SECS=300 CLIENTS=60 ROOMS=6 node cluster.js.
find_program(REDIS_SERVER redis-server)
if(NODE AND NODE_WS AND REDIS_SERVER)
	foreach(name cluster backplane repair)
		add_test(NAME faults-${name} COMMAND ${NODE} ${CMAKE_CURRENT_LIST_DIR}/${name}.js)
		set_tests_properties(faults-${name} PROPERTIES TIMEOUT 180 LABELS faults
			ENVIRONMENT "${FAULTS_ENVIRONMENT}")
	endforeach()
endif()
