# Programs of people on one loop, through a bad network or very many. Figures: ROUNDS=500 faults-storm.
function(load name)
	add_executable(faults-${name} ${CMAKE_CURRENT_LIST_DIR}/${name}.c ${ARGN})
	target_link_libraries(faults-${name} PRIVATE app e2e_stage)
	add_test(NAME faults-${name} COMMAND faults-${name})
	set_tests_properties(faults-${name} PROPERTIES TIMEOUT 300 LABELS faults ENVIRONMENT "${FAULTS_ENVIRONMENT}")
endfunction()

load(storm ${CMAKE_CURRENT_LIST_DIR}/proxy.c)
load(crowd ${CMAKE_CURRENT_LIST_DIR}/guests.c ${CMAKE_CURRENT_LIST_DIR}/lean.c)
