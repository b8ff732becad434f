// SPDX-License-Identifier: Apache-2.0

#include "sotto_page.h"

#ifndef __has_embed
#error "This C compiler has no #embed. The clang of Swift 6.3 has it."
#endif

#pragma clang diagnostic ignored "-Wc23-extensions"

#define HTML "text/html; charset=utf-8"
#define CSS "text/css; charset=utf-8"
#define SCRIPT "text/javascript; charset=utf-8"
#define TEXT "text/plain; charset=utf-8"

static const unsigned char index[] = {
#embed "../../Page/index.html"
};
static const unsigned char style[] = {
#embed "../../Page/style.css"
};
static const unsigned char icon[] = {
#embed "../../Page/icon.svg"
};
static const unsigned char js_abx[] = {
#embed "../../Page/js/abx.js"
};
static const unsigned char js_capture_worklet[] = {
#embed "../../Page/js/capture.worklet.js"
};
static const unsigned char js_coding[] = {
#embed "../../Page/js/coding.js"
};
static const unsigned char js_codegrid[] = {
#embed "../../Page/js/codegrid.js"
};
static const unsigned char js_dom[] = {
#embed "../../Page/js/dom.js"
};
static const unsigned char js_fft[] = {
#embed "../../Page/js/fft.js"
};
static const unsigned char js_files[] = {
#embed "../../Page/js/files.js"
};
static const unsigned char js_live[] = {
#embed "../../Page/js/live.js"
};
static const unsigned char js_liveline[] = {
#embed "../../Page/js/liveline.js"
};
static const unsigned char js_main[] = {
#embed "../../Page/js/main.js"
};
static const unsigned char js_opening[] = {
#embed "../../Page/js/opening.js"
};
static const unsigned char js_player_worklet[] = {
#embed "../../Page/js/player.worklet.js"
};
static const unsigned char js_server[] = {
#embed "../../Page/js/server.js"
};
static const unsigned char js_spectrogram[] = {
#embed "../../Page/js/spectrogram.js"
};
static const unsigned char js_takes[] = {
#embed "../../Page/js/takes.js"
};
static const unsigned char js_tokens[] = {
#embed "../../Page/js/tokens.js"
};
static const unsigned char js_versions[] = {
#embed "../../Page/js/versions.js"
};
static const unsigned char js_wav[] = {
#embed "../../Page/js/wav.js"
};
static const unsigned char js_waveform[] = {
#embed "../../Page/js/waveform.js"
};
static const unsigned char campfire[] = {
#embed "../../../Samples/campfire.flac"
};
static const unsigned char campfire_text[] = {
#embed "../../../Samples/campfire.txt"
};
static const unsigned char centurion[] = {
#embed "../../../Samples/centurion.flac"
};
static const unsigned char centurion_text[] = {
#embed "../../../Samples/centurion.txt"
};
static const unsigned char sermons[] = {
#embed "../../../Samples/sermons.flac"
};
static const unsigned char sermons_text[] = {
#embed "../../../Samples/sermons.txt"
};
static const unsigned char strikes[] = {
#embed "../../../Samples/strikes.flac"
};
static const unsigned char strikes_text[] = {
#embed "../../../Samples/strikes.txt"
};
static const unsigned char zusammenhang[] = {
#embed "../../../Samples/zusammenhang.flac"
};
static const unsigned char zusammenhang_text[] = {
#embed "../../../Samples/zusammenhang.txt"
};

static const sotto_page_file files[] = {
    {"/", HTML, index, sizeof index},
    {"/style.css", CSS, style, sizeof style},
    {"/icon.svg", "image/svg+xml", icon, sizeof icon},
    {"/js/abx.js", SCRIPT, js_abx, sizeof js_abx},
    {"/js/capture.worklet.js", SCRIPT, js_capture_worklet, sizeof js_capture_worklet},
    {"/js/coding.js", SCRIPT, js_coding, sizeof js_coding},
    {"/js/codegrid.js", SCRIPT, js_codegrid, sizeof js_codegrid},
    {"/js/dom.js", SCRIPT, js_dom, sizeof js_dom},
    {"/js/fft.js", SCRIPT, js_fft, sizeof js_fft},
    {"/js/files.js", SCRIPT, js_files, sizeof js_files},
    {"/js/live.js", SCRIPT, js_live, sizeof js_live},
    {"/js/liveline.js", SCRIPT, js_liveline, sizeof js_liveline},
    {"/js/main.js", SCRIPT, js_main, sizeof js_main},
    {"/js/opening.js", SCRIPT, js_opening, sizeof js_opening},
    {"/js/player.worklet.js", SCRIPT, js_player_worklet, sizeof js_player_worklet},
    {"/js/server.js", SCRIPT, js_server, sizeof js_server},
    {"/js/spectrogram.js", SCRIPT, js_spectrogram, sizeof js_spectrogram},
    {"/js/takes.js", SCRIPT, js_takes, sizeof js_takes},
    {"/js/tokens.js", SCRIPT, js_tokens, sizeof js_tokens},
    {"/js/versions.js", SCRIPT, js_versions, sizeof js_versions},
    {"/js/wav.js", SCRIPT, js_wav, sizeof js_wav},
    {"/js/waveform.js", SCRIPT, js_waveform, sizeof js_waveform},
    {"/samples/campfire.flac", "audio/flac", campfire, sizeof campfire},
    {"/samples/campfire.txt", TEXT, campfire_text, sizeof campfire_text},
    {"/samples/centurion.flac", "audio/flac", centurion, sizeof centurion},
    {"/samples/centurion.txt", TEXT, centurion_text, sizeof centurion_text},
    {"/samples/sermons.flac", "audio/flac", sermons, sizeof sermons},
    {"/samples/sermons.txt", TEXT, sermons_text, sizeof sermons_text},
    {"/samples/strikes.flac", "audio/flac", strikes, sizeof strikes},
    {"/samples/strikes.txt", TEXT, strikes_text, sizeof strikes_text},
    {"/samples/zusammenhang.flac", "audio/flac", zusammenhang, sizeof zusammenhang},
    {"/samples/zusammenhang.txt", TEXT, zusammenhang_text, sizeof zusammenhang_text},
};

size_t sotto_page_count(void) { return sizeof files / sizeof *files; }

sotto_page_file sotto_page(size_t index) { return files[index]; }
