// swift-tools-version: 6.2
// Programs that measure Varve beside a peer in the same run and print the ratio. `make bench` runs them all.
// They need more of the distribution than Varve itself (libprotobuf, libcbor, librdkafka), hence a package of their
// own.

import PackageDescription

let package = Package(
  name: "benchmarks",
  dependencies: [.package(name: "varve", path: "..")],
  targets: [
    .target(name: "Measure"),
    .target(name: "CEchoPeer"),
    .executableTarget(
      name: "bench-runtime",
      dependencies: [
        "CEchoPeer", "Measure", .product(name: "Bytes", package: "varve"),
        .product(name: "Runtime", package: "varve"),
      ]),
    .target(name: "CTLSPeer", linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
    .executableTarget(
      name: "bench-tls",
      dependencies: [
        "CEchoPeer", "CTLSPeer", "Measure", .product(name: "Runtime", package: "varve"),
        .product(name: "TLS", package: "varve"),
      ]),
    .executableTarget(
      name: "bench-files", dependencies: ["Measure", .product(name: "Files", package: "varve")]),
    .target(name: "CCryptoPeer", linkerSettings: [.linkedLibrary("crypto")]),
    .executableTarget(
      name: "bench-crypto",
      dependencies: [
        "Measure", "CCryptoPeer", .product(name: "Bytes", package: "varve"),
        .product(name: "Crypto", package: "varve"),
      ]),
    .target(name: "CTelemetryPeer"),
    .executableTarget(
      name: "bench-telemetry",
      dependencies: [
        "Measure", "CTelemetryPeer", .product(name: "Runtime", package: "varve"),
        .product(name: "Telemetry", package: "varve"),
      ]),
    .target(
      name: "CProtobufPeer", exclude: ["generated"], cxxSettings: [.unsafeFlags(["-O3", "-std=c++17"])],
      linkerSettings: [.linkedLibrary("protobuf")]),
    .executableTarget(
      name: "bench-protobuf",
      dependencies: [
        "Measure", "CProtobufPeer", .product(name: "Bytes", package: "varve"),
        .product(name: "Wire", package: "varve"),
      ]),
    .executableTarget(
      name: "bench-encodings",
      dependencies: [
        "Measure", .product(name: "Bytes", package: "varve"), .product(name: "Wire", package: "varve"),
      ]),
    .target(name: "CLogPeer", linkerSettings: [.linkedLibrary("rdkafka")]),
    .executableTarget(
      name: "bench-log",
      dependencies: [
        "CLogPeer", "Measure", .product(name: "Bytes", package: "varve"),
        .product(name: "CommandLine", package: "varve"), .product(name: "Files", package: "varve"),
        .product(name: "Log", package: "varve"), .product(name: "Records", package: "varve"),
        .product(name: "Runtime", package: "varve"), .product(name: "Telemetry", package: "varve"),
      ]),
    .target(
      name: "CProjectionPeer", cSettings: [.unsafeFlags(["-O3", "-I/usr/include/postgresql"])],
      linkerSettings: [.linkedLibrary("sqlite3"), .linkedLibrary("pq")]),
    .executableTarget(
      name: "bench-projections",
      dependencies: [
        "CProjectionPeer", "Measure", .product(name: "Bytes", package: "varve"),
        .product(name: "CommandLine", package: "varve"), .product(name: "Database", package: "varve"),
        .product(name: "Files", package: "varve"), .product(name: "Log", package: "varve"),
        .product(name: "LogEvents", package: "varve"), .product(name: "Peers", package: "varve"), .product(name: "Projections", package: "varve"),
        .product(name: "Records", package: "varve"), .product(name: "Runtime", package: "varve"),
        .product(name: "Telemetry", package: "varve"), .product(name: "Wire", package: "varve"),
      ]),
    .executableTarget(
      name: "bench-net",
      dependencies: [
        "CEchoPeer", "Measure", .product(name: "Bytes", package: "varve"),
        .product(name: "Crowd", package: "varve"), .product(name: "EchoService", package: "varve"),
        .product(name: "GRPCServer", package: "varve"), .product(name: "HTTP", package: "varve"),
        .product(name: "HTTPServer", package: "varve"), .product(name: "Peers", package: "varve"),
        .product(name: "Runtime", package: "varve"), .product(name: "TLS", package: "varve"),
        .product(name: "Telemetry", package: "varve"), .product(name: "WebSocket", package: "varve"),
        .product(name: "WebSocketServer", package: "varve"),
      ]),
    .systemLibrary(name: "CLibcbor", pkgConfig: "libcbor", providers: [.apt(["libcbor-dev"])]),
    .executableTarget(
      name: "bench-cbor",
      dependencies: [
        "CLibcbor", "Measure", .product(name: "Bytes", package: "varve"),
        .product(name: "Wire", package: "varve"),
      ]),
  ]
)
