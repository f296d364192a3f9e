// The only unit that includes CLI11, whose headers take long to compile.
#include "cli/parser.h"

#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include <deque>

#include "base/error.h"
#include "base/text.h"
#include "cli/exit_code.h"

namespace fadeout::cli {

namespace {

constexpr const char* about =
    "Renders audio and speech, hands out signed links, and deletes what is temporary when it was promised.";

constexpr std::size_t help_width = 72;   ///< of the right column
constexpr std::size_t text_width = 100;  ///< below the flags

/// A command with its node of the CLI11 tree. Values are taken as texts, so that every message about them is
/// ours.
struct Node {
    struct Value {
        const Argument* argument;
        CLI::Option* option;
        std::string text;
        bool is_set = false;  ///< of a bool, which may be written --name=false
    };
    struct SettingFlag {
        const config::Setting* setting;
        CLI::Option* option;
        std::string text;
    };
    const Command* command;
    CLI::App* app;
    std::string path;  ///< "fadeout jobs list"
    std::deque<Value> values;
    std::deque<SettingFlag> settings;
    std::string config_file;
    bool json = false;
};

/// Each line of `text` on its own: examples stay as they are, sentences are broken.
std::string wrapped_lines(std::string_view text) {
    std::string out;
    for (const std::string_view line : split(text, '\n'))
        out +=
            (out.empty() ? "" : "\n") + (line.starts_with(' ') ? std::string(line) : wrap(line, text_width));
    return out;
}

class Tree {
  public:
    Tree(const std::vector<Command>& commands, const std::string& version) : root_(about, "fadeout") {
        root_.set_version_flag("--version", version);
        root_.set_help_flag("-h,--help", "Print this help and exit");
        root_.footer(
            fmt::format("`fadeout COMMAND --help` explains each command, with examples.\nErrors are printed "
                        "on standard error; with --json also on standard output, as {{\"error\": text, "
                        "\"kind\": word}}.\n{}",
                        exit_codes_help));
        for (const Command& command : commands) add(command, root_, "fadeout");
    }

    Parsed parse(std::vector<std::string> arguments) {
        std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
        try {
            root_.parse(std::move(arguments));
        } catch (const CLI::CallForHelp&) {
            return {.text = root_.help()};
        } catch (const CLI::CallForVersion& version) {
            return {.text = fmt::format("fadeout {}\n", version.what())};
        } catch (const CLI::ParseError& error) {
            refuse(error);
        }
        return result();
    }

  private:
    void add(const Command& command, CLI::App& parent, const std::string& parent_path) {
        CLI::App* app = parent.add_subcommand(command.name, command.summary);
        Node& node =
            nodes_.emplace_back(Node{&command, app, parent_path + ' ' + command.name, {}, {}, {}, false});
        if (!command.alias.empty()) app->alias(command.alias);
        app->set_help_flag("-h,--help", "Print this help and exit");
        app->footer(wrapped_lines(command.details));
        for (const Argument& argument : command.arguments) add_argument(node, argument);
        if (command.has_json) app->add_flag("--json", node.json, "Print the answer as JSON");
        const auto settings = settings_of(command);
        if (!settings.empty())
            app->add_option("--config", node.config_file, "TOML file of settings (FADEOUT_CONFIG)")
                ->type_name("FILE")
                ->group("Settings");
        for (const config::Setting* setting : settings) add_setting(node, *setting);
        for (const Command& inner : command.subcommands) add(inner, *app, node.path);
    }

    static void add_argument(Node& node, const Argument& argument) {
        Node::Value& value = node.values.emplace_back(Node::Value{&argument, nullptr, {}, false});
        if (std::holds_alternative<bool*>(argument.target)) {
            value.option = node.app->add_flag(argument.name, value.is_set, wrap(argument.help, help_width));
            return;
        }
        value.option = node.app->add_option(argument.name, value.text, wrap(argument.help, help_width));
        value.option->type_name(argument.value_name)
            ->required(argument.is_required)
            ->multi_option_policy(CLI::MultiOptionPolicy::Throw);
    }

    static void add_setting(Node& node, const config::Setting& setting) {
        static const config::Settings defaults;
        Node::SettingFlag& flag = node.settings.emplace_back(Node::SettingFlag{&setting, nullptr, {}});
        const std::string value = config::format(setting, defaults);
        const std::string help =
            std::string(setting.help) + (value.empty() ? "" : fmt::format(" Default: {}", value));
        flag.option = node.app->add_option("--" + setting.flag, flag.text, wrap(help, help_width));
        flag.option->type_name(setting.is_flag() ? "[BOOL]" : "VALUE")->group("Settings");
        if (setting.is_flag()) flag.option->expected(0, 1);
    }

    const Node& chosen() const {
        const CLI::App* app = &root_;
        while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
        for (const Node& node : nodes_)
            if (node.app == app) return node;
        throw Error(ErrorKind::invalid, "No command is named. `fadeout --help` lists them.");
    }

    Parsed result() const {
        const Node& node = chosen();
        if (!node.command->run)
            throw Error(
                ErrorKind::invalid,
                fmt::format("`{0}` needs one of its own commands: `{0} --help` lists them.", node.path));
        Parsed parsed{.command = node.command, .config_file = node.config_file, .json = node.json};
        for (const Node::Value& value : node.values) {
            const bool is_bool = std::holds_alternative<bool*>(value.argument->target);
            if (is_bool ? value.is_set : value.option->count() > 0) assign(*value.argument, value.text);
        }
        for (const Node::SettingFlag& flag : node.settings)
            if (flag.option->count() > 0)
                parsed.setting_flags.emplace_back(
                    flag.setting->name, flag.setting->is_flag() && flag.text.empty() ? "true" : flag.text);
        return parsed;
    }

    /// Turns CLI11's complaint into ours.
    [[noreturn]] void refuse(const CLI::ParseError& error) const {
        const CLI::App* app = &root_;
        while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
        const Node* node = nullptr;
        for (const Node& candidate : nodes_)
            if (candidate.app == app) node = &candidate;
        const std::string path = node == nullptr ? "fadeout" : node->path;
        const std::vector<std::string> extras = app->remaining();
        const std::string what =
            extras.empty() ? std::string(error.what()) + '.' : unknown(extras.front(), node);
        throw Error(ErrorKind::invalid, fmt::format("{} See `{} --help`.", what, path));
    }

    std::string unknown(const std::string& word, const Node* node) const {
        const std::string name = word.substr(0, word.find('='));
        std::vector<std::string> known;
        if (word.starts_with('-')) {
            known =
                node == nullptr ? std::vector<std::string>{"--help", "--version"} : flags_of(*node->command);
        } else {
            for (const Node& candidate : nodes_)
                if (candidate.app->get_parent() == (node == nullptr ? &root_ : node->app))
                    known.push_back(candidate.command->name);
        }
        const auto near = nearest(name, known);
        const std::string_view kind = word.starts_with('-') ? "flag" : known.empty() ? "argument" : "command";
        return fmt::format("Unknown {} \"{}\".{}", kind, name,
                           near ? fmt::format(" Did you mean \"{}\"?", *near) : std::string());
    }

    CLI::App root_;
    std::deque<Node> nodes_;
};

/// "--name=" becomes two arguments: CLI11 would take the argument that follows for the value.
std::vector<std::string> with_empty_values(const std::vector<std::string>& arguments) {
    std::vector<std::string> out;
    for (const std::string& argument : arguments) {
        if (argument == "--") {
            out.insert(out.end(),
                       arguments.begin() + static_cast<std::ptrdiff_t>(&argument - arguments.data()),
                       arguments.end());
            break;
        }
        if (argument.starts_with("--") && argument.find('=') == argument.size() - 1) {
            out.push_back(argument.substr(0, argument.size() - 1));
            out.emplace_back();
        } else {
            out.push_back(argument);
        }
    }
    return out;
}

}  // namespace

Parsed parse(const std::vector<Command>& commands, const std::vector<std::string>& arguments,
             const std::string& version) {
    return Tree(commands, version).parse(with_empty_values(arguments));
}

}  // namespace fadeout::cli
