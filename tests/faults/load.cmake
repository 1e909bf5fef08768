# Programs of people on one loop, through a bad network or very many. Figures: ROUNDS=500 faults-storm, CLIENTS=1000 DEAF=200 QUEUE=4M
# faults-crowd.
function(load name)
	add_executable(faults-${name} ${CMAKE_CURRENT_LIST_DIR}/${name}.c ${ARGN})
	target_link_libraries(faults-${name} PRIVATE app e2e_stage)
endfunction()

load(storm ${CMAKE_CURRENT_LIST_DIR}/proxy.c)
load(crowd ${CMAKE_CURRENT_LIST_DIR}/guests.c ${CMAKE_CURRENT_LIST_DIR}/lean.c)
load(pulse ${CMAKE_CURRENT_LIST_DIR}/guests.c ${CMAKE_CURRENT_LIST_DIR}/lean.c)
foreach(name storm crowd)
	add_test(NAME faults-${name} COMMAND faults-${name})
	set_tests_properties(faults-${name} PROPERTIES TIMEOUT 300 LABELS faults ENVIRONMENT "${FAULTS_ENVIRONMENT}")
endforeach()
