# The project's two build helpers and the flags that hold for every target.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")  # -O3 takes longer to compile and gains nothing measured here.
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
endif()

option(RINGSIDE_WERROR "Warnings are errors" ON)
set(RINGSIDE_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them: address,undefined")

# ccache finds a clean clone's objects again when paths are relative to the checkout.
find_program(RINGSIDE_CCACHE ccache)
if(RINGSIDE_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
        CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
        CCACHE_SLOPPINESS=pch_defines,time_macros ${RINGSIDE_CCACHE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        add_compile_options(-fpch-preprocess)  # Without it ccache does not take precompiled headers.
    endif()
endif()
find_program(RINGSIDE_MOLD mold)
if(RINGSIDE_MOLD)
    add_link_options(-fuse-ld=mold)
endif()
if(RINGSIDE_SANITIZE)
    add_compile_options(-fsanitize=${RINGSIDE_SANITIZE} -fno-omit-frame-pointer -g1)
    if(RINGSIDE_SANITIZE MATCHES "undefined")
        # Half of the time to compile goes into these two; what a null pointer does the address sanitizer shows too.
        add_compile_options(-fno-sanitize=null,alignment)
    endif()
    add_link_options(-fsanitize=${RINGSIDE_SANITIZE})
endif()
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wno-missing-field-initializers)
# GCC 12 warns falsely of copies within std::string (GCC bug 105651 and its kin).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-maybe-uninitialized -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
endif()
if(RINGSIDE_WERROR)
    add_compile_options(-Werror)
endif()

# Headers of the standard library and of others, compiled once: one set for code without Qt, one for the
# window, one for tests. Ours are not among them, so that touching one rebuilds only what includes it.
function(ringside_precompile name)
    cmake_parse_arguments(ARG "" "" "HEADERS;DEPS" ${ARGN})
    file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/${name}.cpp CONTENT "")
    add_library(${name} OBJECT EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/${name}.cpp)
    target_link_libraries(${name} PRIVATE ${ARG_DEPS})
    target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
endfunction()

# Sources of a library are compiled RINGSIDE_BATCH at a time, which takes a third of the time that each by itself
# does. CMake's own UNITY_BUILD names them by absolute paths, and ccache then finds nothing of another clone.
set(RINGSIDE_BATCH 8 CACHE STRING "Sources of a library that are compiled together; 1: each by itself")
function(ringside_batches result name)
    set(batches "")
    set(content "")
    set(count 0)
    set(sources ${ARGN})
    list(FILTER sources INCLUDE REGEX "\\.cpp$")
    list(LENGTH sources left)
    if(RINGSIDE_BATCH LESS_EQUAL 1 OR left LESS_EQUAL 1)
        set(${result} "" PARENT_SCOPE)
        return()
    endif()
    file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
    foreach(source IN LISTS sources)
        string(APPEND content "#include \"${folder}/${source}\"\n")
        math(EXPR count "${count} + 1")
        math(EXPR left "${left} - 1")
        math(EXPR full "${count} % ${RINGSIDE_BATCH}")
        if(full EQUAL 0 OR left EQUAL 0)
            list(LENGTH batches number)
            set(batch ${CMAKE_CURRENT_BINARY_DIR}/${name}_batch_${number}.cpp)
            file(GENERATE OUTPUT ${batch} CONTENT "${content}")
            list(APPEND batches ${batch})
            set(content "")
        endif()
    endforeach()
    set_source_files_properties(${sources} PROPERTIES HEADER_FILE_ONLY ON)
    # Aliases and helpers of one source are seen by the next of its batch.
    set_source_files_properties(${batches} PROPERTIES COMPILE_OPTIONS "-Wno-shadow;$<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>"
        SKIP_AUTOGEN ON)
    set(${result} ${batches} PARENT_SCOPE)
endfunction()

# ringside_library(NAME SOURCES ... PUBLIC_DEPS ... PRIVATE_DEPS ...): a folder is a library.
function(ringside_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC_DEPS;PRIVATE_DEPS" ${ARGN})
    ringside_batches(batches ${name} ${ARG_SOURCES})
    add_library(${name} STATIC ${ARG_SOURCES} ${batches})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${ARG_PUBLIC_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
    set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
    if(name MATCHES "^app_" AND NOT name STREQUAL "app_ringctl")
        target_precompile_headers(${name} REUSE_FROM precompiled_window)
    else()
        target_precompile_headers(${name} REUSE_FROM precompiled_engine)
    endif()
endfunction()

# Qt6::Test tells each test the folders it is built from (for QFINDTESTDATA, which is not used here). As
# absolute paths in the command line they would keep ccache from finding objects of another clone.
function(ringside_forget_test_folders)
    get_target_property(definitions Qt6::Test INTERFACE_COMPILE_DEFINITIONS)
    list(FILTER definitions EXCLUDE REGEX "QT_TESTCASE_(BUILD|SOURCE)DIR")
    set_target_properties(Qt6::Test PROPERTIES INTERFACE_COMPILE_DEFINITIONS "${definitions}")
endfunction()

# ringside_test(NAME DEPS ... LABELS ...): NAME.cpp is one QtTest class, run by CTest.
function(ringside_test name)
    cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 120)
    endif()
    if(RINGSIDE_SANITIZE)
        math(EXPR ARG_TIMEOUT "5 * ${ARG_TIMEOUT}")
    endif()
    add_executable(${name} ${name}.cpp ${ARG_SOURCES})
    # moc by itself: AUTOMOC lets it read all headers, which takes as long as compiling the test.
    add_custom_command(OUTPUT ${name}.moc DEPENDS ${name}.cpp
        COMMAND Qt6::moc ${CMAKE_CURRENT_SOURCE_DIR}/${name}.cpp -o ${name}.moc)
    target_sources(${name} PRIVATE ${name}.moc)
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_BINARY_DIR})
    target_link_libraries(${name} PRIVATE ${ARG_DEPS} Qt6::Test)
    target_compile_options(${name} PRIVATE -O0)  # Tests need no optimizer; what they test has it.
    if(NOT "app" IN_LIST ARG_LABELS)  # Those have definitions of Qt's window modules, which make other headers.
        target_precompile_headers(${name} REUSE_FROM precompiled_test)
    endif()
    # What CI runs under the address and undefined-behaviour sanitizers too: all that needs neither a window
    # nor processes of its own (`cmake --build … --target sanitized_tests`).
    set(sanitized ${ARG_LABELS})
    list(FILTER sanitized INCLUDE REGEX "^(unit|sim|loopback)$")
    if(sanitized)
        list(APPEND ARG_LABELS sanitized)
        if(NOT TARGET sanitized_tests)
            add_custom_target(sanitized_tests)
        endif()
        add_dependencies(sanitized_tests ${name})
    endif()
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
        ENVIRONMENT "QT_QPA_PLATFORM=offscreen")
endfunction()
