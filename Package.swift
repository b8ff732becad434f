// swift-tools-version: 6.3
import PackageDescription

// MARK: - Settings shared by every Swift target

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A room of the house. Rooms are listed left to right: none imports a room to its right.
func room(_ name: String, imports dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(of name: String, also dependencies: [Target.Dependency] = [], fixtures: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name), "TestSupport"] + dependencies, exclude: fixtures,
        swiftSettings: settings)
}

/// A library of what `make fuzz` runs, which it alone asks for.
let fuzzing: [Product] =
    Context.environment["SOTTO_FUZZ"] == nil ? [] : [.library(name: "sotto-fuzz", type: .static, targets: ["Fuzz"])]

/// The program that `.ci/sanitize threads` runs, which it alone asks for.
let threads: [Target] =
    Context.environment["SOTTO_THREADS"] == nil
    ? []
    : [
        .target(name: "CMutexes", path: "Tests/CMutexes"),
        .executableTarget(
            name: "sotto-threads",
            dependencies: ["CMutexes", "Quantizer", "Sotto", "SottoStreams", "Spectral", "SystemIO", "TokenFile"],
            path: "Tests/Threads", swiftSettings: settings),
    ]

let package = Package(
    name: "Sotto",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Sotto", targets: ["Sotto"]),
        .library(name: "SottoModels", targets: ["SottoModels"]),
        .library(name: "SottoStreams", targets: ["SottoStreams"]),
        .library(name: "TokenFile", targets: ["TokenFile"]),
        .library(name: "AudioFile", targets: ["AudioFile"]),
        .executable(name: "sotto", targets: ["sotto-cli"]),
        // `make libsotto` names it libsotto.so: two products of a package can't have one name.
        .library(name: "sotto-c", type: .dynamic, targets: ["SottoC"]),
    ] + fuzzing,
    traits: [
        .default(enabledTraits: ["FFTW"]),
        .trait(name: "FFTW", description: "Take FFTW, which is fast and under the GPL; else an FFT of our own."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        // MARK: C libraries, nothing else
        .systemLibrary(
            name: "CSndfile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"]), .brew(["libsndfile"])]),
        .systemLibrary(name: "CFLAC", pkgConfig: "flac", providers: [.apt(["libflac-dev"]), .brew(["flac"])]),
        .systemLibrary(
            name: "CMPG123", pkgConfig: "libmpg123", providers: [.apt(["libmpg123-dev"]), .brew(["mpg123"])]),
        .systemLibrary(
            name: "COggVorbis", pkgConfig: "vorbis", providers: [.apt(["libvorbis-dev"]), .brew(["libvorbis"])]),
        .systemLibrary(name: "COpus", pkgConfig: "opus", providers: [.apt(["libopus-dev"]), .brew(["opus"])]),
        .systemLibrary(name: "CSoxr", pkgConfig: "soxr", providers: [.apt(["libsoxr-dev"]), .brew(["libsoxr"])]),
        .systemLibrary(name: "CFFTW", pkgConfig: "fftw3f", providers: [.apt(["libfftw3-dev"]), .brew(["fftw"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),

        // MARK: Our own C: what Swift can't say to the processor
        .target(name: "CKernels"),
        // How likely letters follow each other in transcripts (140 kB), which is part of the token format.
        .target(name: "CLetterTable", exclude: ["letters.table"]),
        // The files in Models/ as data (18 MB): only a program that uses SottoModels has them inside.
        .target(name: "CSottoModels"),
        // The files of the benchmark's page, in Serve/Report and Serve/Page, as data.
        .target(name: "CReportPage"),

        // MARK: Rooms
        room("Platform", imports: []),
        room("SystemIO", imports: ["Platform"]),
        room(
            "AudioFile", imports: ["CFLAC", "CMPG123", "COggVorbis", "COpus", "CSndfile", "CSoxr", "SystemIO"]),
        room(
            "Spectral",
            imports: [.target(name: "CFFTW", condition: .when(traits: ["FFTW"])), "CKernels", "Platform"]),
        room("NeuralNet", imports: ["CKernels", "Platform", "SystemIO"]),
        room("Quantizer", imports: ["NeuralNet", "SystemIO"]),
        room("Transcript", imports: ["NeuralNet", "Platform"]),
        room("Sotto", imports: ["Spectral", "NeuralNet", "Quantizer", "Transcript", "Platform", "SystemIO"]),
        room("SottoModels", imports: ["CSottoModels", "Sotto"]),
        room("TokenFile", imports: ["CLetterTable", "CZlib", "Quantizer", "Transcript", "SystemIO"]),
        room("SottoStreams", imports: ["Quantizer", "Sotto", "TokenFile", "Transcript", "SystemIO"]),
        // The C library: what it offers is said in its header, which is all of CSotto.
        .systemLibrary(name: "CSotto"),
        room(
            "SottoC",
            imports: ["CSotto", "Quantizer", "Sotto", "SottoStreams", "SystemIO", "TokenFile", "Transcript"]),
        room("WebPage", imports: ["SystemIO"]),
        room(
            "Benchmark",
            imports: [
                "AudioFile", "CReportPage", "Spectral", "NeuralNet", "Quantizer", "Sotto", "SottoStreams", "TokenFile",
                "SystemIO", "Transcript", "WebPage",
            ]),
        room(
            "SottoCommands",
            imports: [
                "AudioFile", "Benchmark", "CZlib", "Quantizer", "Sotto", "SottoStreams", "TokenFile", "Transcript",
                "SystemIO",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(name: "sotto-cli", dependencies: ["SottoCommands"], swiftSettings: settings),
        // The page that `make demo` ends with.
        .executableTarget(
            name: "demo-page", dependencies: ["SystemIO", "TokenFile", "WebPage"], swiftSettings: settings),

        // What each of many streams costs, for `make bench-speed`.
        .executableTarget(
            name: "many-streams", dependencies: ["AudioFile", "Platform", "Quantizer", "Sotto"], swiftSettings: settings
        ),

        // MARK: Tests
        .target(
            name: "TestSupport", dependencies: ["Spectral"], path: "Tests/TestSupport", swiftSettings: settings),
        // Counts allocations in the place of the C library.
        .target(name: "CAllocations", path: "Tests/CAllocations"),
        .target(
            name: "Fuzz",
            dependencies: [
                "AudioFile", "Benchmark", "NeuralNet", "Quantizer", "Sotto", "SottoCommands", "SottoStreams",
                "SystemIO", "TokenFile",
            ],
            path: "Tests/Fuzz/Targets", swiftSettings: settings),
        tests(of: "Fuzz"),
        tests(of: "SystemIO"),
        tests(of: "AudioFile", also: ["CSndfile", "SystemIO"]),
        tests(of: "Spectral", fixtures: ["Fixtures"]),
        tests(of: "NeuralNet", also: ["CKernels", "SystemIO"], fixtures: ["Fixtures"]),
        tests(of: "Quantizer", also: ["NeuralNet", "SystemIO"], fixtures: ["Fixtures"]),
        tests(
            of: "Sotto",
            also: ["AudioFile", "CAllocations", "NeuralNet", "Quantizer", "SottoModels", "Spectral", "Transcript"],
            fixtures: ["Fixtures"]),
        tests(of: "TokenFile", also: ["CLetterTable", "Quantizer", "SystemIO", "Transcript"]),
        tests(of: "SottoStreams", also: ["Quantizer", "Sotto", "SystemIO", "TokenFile", "Transcript"]),
        tests(of: "Benchmark", also: ["AudioFile", "Spectral"], fixtures: ["Fixtures"]),
        tests(
            of: "SottoCommands", also: ["sotto-cli", "NeuralNet", "Quantizer", "Sotto", "SystemIO", "TokenFile"],
            fixtures: ["Fixtures"]),
    ] + threads,
    swiftLanguageModes: [.v6]
)
