# Servers that share rooms by a Redis, and die. Figures: ROUNDS=50 CLIENTS=60 ROOMS=6 node cluster.js.
find_program(REDIS_SERVER redis-server)
if(NODE AND NODE_WS AND REDIS_SERVER)
	add_test(NAME faults-cluster COMMAND ${NODE} ${CMAKE_CURRENT_LIST_DIR}/cluster.js)
	set_tests_properties(faults-cluster PROPERTIES TIMEOUT 180 LABELS faults ENVIRONMENT "${FAULTS_ENVIRONMENT}")
endif()
