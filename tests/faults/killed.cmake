# People at terminals who are killed. Figures: ROUNDS=200 faults-killed_people.
add_executable(faults-killed_people ${CMAKE_CURRENT_LIST_DIR}/killed_people.c)
target_link_libraries(faults-killed_people PRIVATE e2e_stage)
add_test(NAME faults-killed_people COMMAND faults-killed_people)
set_tests_properties(faults-killed_people PROPERTIES TIMEOUT 300 LABELS faults ENVIRONMENT "${FAULTS_ENVIRONMENT}")
