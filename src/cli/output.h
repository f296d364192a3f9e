#pragma once
#include <boost/json/value.hpp>
#include <string_view>

#include "base/error.h"

namespace fadeout::cli {

/// To standard output. Error(storage_full, internal) where it cannot be written.
void print(std::string_view text);
void print_json(const boost::json::value& value);  ///< and a line's end

/// One line on standard error: "fadeout: text".
void complain(std::string_view text);

/// An Error as one line for the terminal. Its private detail is added where it is what the person at this
/// machine needs to mend the fault: failures of the machine, never what a source's media or address made of
/// it.
std::string describe(const Error& error);

/// {"error": text, "kind": word}
boost::json::object error_json(const Error& error);

}  // namespace fadeout::cli
