# What core and the registry client share: references, credentials and the image's description.
include_guard(GLOBAL)

sockerless_library(sockerless_core_reference
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/image_reference.cc
          ${CMAKE_CURRENT_LIST_DIR}/image_source.cc
          ${CMAKE_CURRENT_LIST_DIR}/registry_auth.cc
  DEPS sockerless_base)

sockerless_test(core_reference_test
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/image_reference_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/image_source_test.cc
          ${CMAKE_CURRENT_LIST_DIR}/registry_auth_test.cc
  DEPS sockerless_core_reference)
