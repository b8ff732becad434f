// SPDX-License-Identifier: Apache-2.0

#include "sotto_report.h"

#ifndef __has_embed
#error "This C compiler has no #embed. The clang of Swift 6.3 has it."
#endif

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char index_html[] = {
#embed "../../Serve/Report/index.html"
};
static const unsigned char style_css[] = {
#embed "../../Serve/Page/style.css"
};
static const unsigned char report_css[] = {
#embed "../../Serve/Report/style.css"
};
static const unsigned char icon_svg[] = {
#embed "../../Serve/Page/icon.svg"
};
static const unsigned char report_breaks_js[] = {
#embed "../../Serve/Report/js/breaks.js"
};
static const unsigned char report_figures_js[] = {
#embed "../../Serve/Report/js/figures.js"
};
static const unsigned char report_headline_js[] = {
#embed "../../Serve/Report/js/headline.js"
};
static const unsigned char report_listen_js[] = {
#embed "../../Serve/Report/js/listen.js"
};
static const unsigned char report_looks_js[] = {
#embed "../../Serve/Report/js/looks.js"
};
static const unsigned char report_others_js[] = {
#embed "../../Serve/Report/js/others.js"
};
static const unsigned char report_parts_js[] = {
#embed "../../Serve/Report/js/parts.js"
};
static const unsigned char report_plot_js[] = {
#embed "../../Serve/Report/js/plot.js"
};
static const unsigned char report_probe_js[] = {
#embed "../../Serve/Report/js/probe.js"
};
static const unsigned char report_rates_js[] = {
#embed "../../Serve/Report/js/rates.js"
};
static const unsigned char report_report_js[] = {
#embed "../../Serve/Report/js/report.js"
};
static const unsigned char report_sounds_js[] = {
#embed "../../Serve/Report/js/sounds.js"
};
static const unsigned char report_tokens_js[] = {
#embed "../../Serve/Report/js/tokens.js"
};
static const unsigned char report_glossary_js[] = {
#embed "../../Serve/Report/js/glossary.js"
};
static const unsigned char sotto_dom_js[] = {
#embed "../../Serve/Page/js/dom.js"
};
static const unsigned char sotto_fft_js[] = {
#embed "../../Serve/Page/js/fft.js"
};
static const unsigned char sotto_spectrogram_js[] = {
#embed "../../Serve/Page/js/spectrogram.js"
};
static const unsigned char sotto_tokens_js[] = {
#embed "../../Serve/Page/js/tokens.js"
};
static const unsigned char sotto_versions_js[] = {
#embed "../../Serve/Page/js/versions.js"
};
static const unsigned char sotto_waveform_js[] = {
#embed "../../Serve/Page/js/waveform.js"
};

static const sotto_report_file files[] = {
    {"index.html", index_html, sizeof index_html},
    {"style.css", style_css, sizeof style_css},
    {"report.css", report_css, sizeof report_css},
    {"icon.svg", icon_svg, sizeof icon_svg},
    {"report/breaks.js", report_breaks_js, sizeof report_breaks_js},
    {"report/figures.js", report_figures_js, sizeof report_figures_js},
    {"report/headline.js", report_headline_js, sizeof report_headline_js},
    {"report/listen.js", report_listen_js, sizeof report_listen_js},
    {"report/looks.js", report_looks_js, sizeof report_looks_js},
    {"report/others.js", report_others_js, sizeof report_others_js},
    {"report/parts.js", report_parts_js, sizeof report_parts_js},
    {"report/plot.js", report_plot_js, sizeof report_plot_js},
    {"report/probe.js", report_probe_js, sizeof report_probe_js},
    {"report/rates.js", report_rates_js, sizeof report_rates_js},
    {"report/report.js", report_report_js, sizeof report_report_js},
    {"report/sounds.js", report_sounds_js, sizeof report_sounds_js},
    {"report/tokens.js", report_tokens_js, sizeof report_tokens_js},
    {"report/glossary.js", report_glossary_js, sizeof report_glossary_js},
    {"sotto/dom.js", sotto_dom_js, sizeof sotto_dom_js},
    {"sotto/fft.js", sotto_fft_js, sizeof sotto_fft_js},
    {"sotto/spectrogram.js", sotto_spectrogram_js, sizeof sotto_spectrogram_js},
    {"sotto/tokens.js", sotto_tokens_js, sizeof sotto_tokens_js},
    {"sotto/versions.js", sotto_versions_js, sizeof sotto_versions_js},
    {"sotto/waveform.js", sotto_waveform_js, sizeof sotto_waveform_js},
};

size_t sotto_report_count(void) { return sizeof files / sizeof *files; }

sotto_report_file sotto_report(size_t index) { return files[index]; }
