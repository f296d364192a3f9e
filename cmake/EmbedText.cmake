# fadeout_embed_text(TARGET FILE): makes FILE includable as a C++ raw string literal, "embedded/<name of FILE>.inc".
function(fadeout_embed_text target file)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    file(READ "${file}" text)
    get_filename_component(name "${file}" NAME)
    file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/generated/embedded/${name}.inc" CONTENT "R\"text(@text@)text\"\n" @ONLY)
    target_include_directories(${target} PRIVATE "${CMAKE_BINARY_DIR}/generated")
endfunction()
