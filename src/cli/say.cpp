#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/interruption.h"
#include "cli/media.h"
#include "cli/output.h"
#include "service/speech.h"

namespace fadeout::cli {

namespace {

struct Options {
    std::string text, out, voice, format;
};

/// All of standard input, which must not be longer than a text of `max_characters` can be.
std::string read_text(std::size_t max_characters, std::stop_token stop) {
    constexpr std::size_t longest_character_bytes = 4;  // UTF-8
    const auto input = open_input("-", std::move(stop));
    std::string text;
    std::array<std::byte, 64 * 1024> piece;
    while (const std::size_t n = input->read_at(text.size(), piece)) {
        text.append(reinterpret_cast<const char*>(piece.data()), n);
        if (text.size() > max_characters * longest_character_bytes)
            throw Error(ErrorKind::too_large,
                        fmt::format("The text is longer than {} characters. Say it in parts, or "
                                    "raise --speech-max-job-characters.",
                                    max_characters));
    }
    return text;
}

int say(const Options& options, const Invocation& invocation) {
    const audio::Format format = choose_format(options.format, options.out, audio::Format::wav);
    const Interruption interruption;
    const auto limit = static_cast<std::size_t>(invocation.settings().speech.max_job_characters);
    const std::string text = options.text == "-" ? read_text(limit, interruption.token()) : options.text;
    const auto services = invocation.program.open_media(invocation.settings());
    const service::SpeechRequest request =
        services->speech.parse({{"text", text}, {"voice", options.voice}}, limit);
    const auto sink = open_media_output(options.out);
    double duration_s = 0;
    if (format == audio::Format::wav && sink->patchable_bytes() > 0) {
        duration_s = services->speech.speak_to(request, *sink, interruption.token());
    } else {
        SpoolFile wav;
        duration_s = services->speech.speak_to(request, wav, interruption.token());
        FileSource source = wav.finish();
        audio::RenderPlan plan;
        plan.format = format;
        audio::render(
            source, *sink, plan, media_limits(invocation.settings()), [](double) {}, interruption.token());
    }
    sink->commit();
    if (options.out != "-")
        print(fmt::format("{}: {:.3f} s, voice {}\n", options.out, duration_s, request.voice_id));
    return exit_ok;
}

}  // namespace

Command say_command() {
    const auto options = std::make_shared<Options>();
    return {.name = "say",
            .summary = "Speak a text into an audio file",
            .details =
                "Examples:\n"
                "  fadeout say \"Hello, world.\" -o hello.wav\n"
                "  fadeout say - -o book.mp3 --voice de < book.txt\n"
                "`fadeout voices` lists the voices.",
            .arguments =
                {{"TEXT", "What to say, or - to read it from standard input", &options->text, "", true, {}},
                 {"-o,--output", "A file, or - for standard output", &options->out, "FILE", true, {}},
                 {"--voice", "Id of a voice", &options->voice, "VOICE", false, {}},
                 {"--format",
                  "mp3, m4a, aac, opus, ogg, flac or wav; otherwise the file's extension",
                  &options->format,
                  "FORMAT",
                  false,
                  {}}},
            .settings = {"speech.default_voice", "speech.max_job_characters"},
            .run = [options](const Invocation& invocation) { return say(*options, invocation); }};
}

}  // namespace fadeout::cli
