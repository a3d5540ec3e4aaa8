# `cmake --install` puts the command, the libraries `history` and `checkers` with their headers, and what find_package(afterwrite)
# needs under one prefix (docs/library.md). Headers keep their folders below include/afterwrite, so that the includes inside
# them ("checkers/judge.hpp") are found the same way.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(afterwrite_headers "${CMAKE_INSTALL_INCLUDEDIR}/afterwrite")
set(afterwrite_package "${CMAKE_INSTALL_LIBDIR}/cmake/afterwrite")

foreach(library IN ITEMS history checkers)
  set_target_properties(afterwrite_${library} PROPERTIES EXPORT_NAME ${library})
  target_include_directories(afterwrite_${library} INTERFACE "$<INSTALL_INTERFACE:${afterwrite_headers}>")
  target_compile_features(afterwrite_${library} INTERFACE cxx_std_20)
  add_library(afterwrite::${library} ALIAS afterwrite_${library})
endforeach()

foreach(folder IN ITEMS harness/history checkers)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/${folder}/"
    DESTINATION "${afterwrite_headers}/${folder}"
    COMPONENT library
    FILES_MATCHING PATTERN "*.hpp")
endforeach()

install(TARGETS afterwrite_history afterwrite_checkers
  EXPORT afterwrite
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT library)
install(EXPORT afterwrite
  NAMESPACE afterwrite::
  FILE afterwriteTargets.cmake
  DESTINATION "${afterwrite_package}"
  COMPONENT library)

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/afterwriteConfig.cmake.in" "${PROJECT_BINARY_DIR}/afterwriteConfig.cmake"
  INSTALL_DESTINATION "${afterwrite_package}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/afterwriteConfigVersion.cmake"
  VERSION "${PROJECT_VERSION}"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/afterwriteConfig.cmake" "${PROJECT_BINARY_DIR}/afterwriteConfigVersion.cmake"
  DESTINATION "${afterwrite_package}"
  COMPONENT library)

install(TARGETS afterwrite RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT command)
