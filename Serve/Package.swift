// swift-tools-version: 6.3
import PackageDescription

// The live page's server: a package of its own, so that who wants only the three jobs builds none of it.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func sotto(_ product: String) -> Target.Dependency { .product(name: product, package: "Sotto") }
func nio(_ product: String) -> Target.Dependency { .product(name: product, package: "swift-nio") }

let package = Package(
    name: "SottoServe",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "sotto-serve", targets: ["sotto-serve"])],
    dependencies: [
        .package(name: "Sotto", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        // The files in Page/ and ../Samples/ as data: the program has all of its page inside, and reads no folder.
        .target(name: "CPage"),
        .target(
            name: "SottoServe",
            dependencies: [
                "CPage", sotto("AudioFile"), sotto("Sotto"), sotto("SottoModels"), sotto("SottoStreams"),
                sotto("TokenFile"), nio("NIOCore"), nio("NIOPosix"), nio("NIOHTTP1"), nio("NIOWebSocket"),
            ], swiftSettings: settings),
        .executableTarget(
            name: "sotto-serve",
            dependencies: ["SottoServe", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
