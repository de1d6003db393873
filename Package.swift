// swift-tools-version: 6.2
// The house, in one file: every target, its folder, and the only edges an import may take.
// Dependencies point one way: varve → Gateways → Projections → Log → Platform. docs/architecture.md
// says why; Tests/HouseTests reads this manifest and fails on an edge that points the other way.

import PackageDescription

/// Every target is compiled by the same strict rules.
let rules: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableExperimentalFeature("Lifetimes"),
  .treatAllWarnings(as: .error),
]

/// A library target that lives in its own folder under `Sources/`.
func library(_ name: String, _ folder: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: "Sources/\(folder)", swiftSettings: rules)
}

/// A C library from the distribution, found by pkg-config.
func system(_ name: String, pkgConfig: String, debian: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/Platform/System/\(name)", pkgConfig: pkgConfig,
    providers: [.apt([debian])])
}

/// A command.
func command(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies, path: "Sources/\(name)", swiftSettings: rules)
}

/// A test target in its folder under `Tests/`.
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: rules)
}

/// The tests of the target named `subject`, and what else they need.
func tests(of subject: String, _ dependencies: [Target.Dependency] = []) -> Target {
  tests("\(subject)Tests", [.init(stringLiteral: subject)] + dependencies)
}

let platform: [Target] = [
  system("COpenSSL", pkgConfig: "openssl", debian: "libssl-dev"),
  system("CIsal", pkgConfig: "libisal", debian: "libisal-dev"),
  system("CYaml", pkgConfig: "yaml-0.1", debian: "libyaml-dev"),
  system("CLz4", pkgConfig: "liblz4", debian: "liblz4-dev"),
  system("CZstd", pkgConfig: "libzstd", debian: "libzstd-dev"),
  system("CZlib", pkgConfig: "zlib", debian: "zlib1g-dev"),
  system("CNghttp2", pkgConfig: "libnghttp2", debian: "libnghttp2-dev"),
  system("CSQLite", pkgConfig: "sqlite3", debian: "libsqlite3-dev"),
  system("CPostgres", pkgConfig: "libpq", debian: "libpq-dev"),
  .target(name: "CLinux", path: "Sources/Platform/System/CLinux"),
  library("Bytes", "Platform/Bytes"),
  library("Wire", "Platform/Wire", ["Bytes", "CIsal"]),
  library("Crypto", "Platform/Crypto", ["Bytes", "Wire", "COpenSSL"]),
  library("Runtime", "Platform/Runtime", ["Bytes", "CLinux"]),
  library("Files", "Platform/Files", ["Bytes", "Runtime", "CLinux"]),
  library("Notation", "Platform/Notation"),
  library("Configuration", "Platform/Configuration", ["Notation", "CYaml"]),
  library("CommandLine", "Platform/CommandLine", ["Notation", "Runtime"]),
  library("Telemetry", "Platform/Telemetry", ["Bytes", "Runtime", "CLinux"]),
  library("Lifecycle", "Platform/Lifecycle", ["Runtime", "Telemetry", "CLinux"]),
  library("TLS", "Platform/Net/TLS", ["Bytes", "Crypto", "Runtime", "COpenSSL"]),
  library("HTTP", "Platform/Net/HTTP", ["Bytes", "Wire", "Runtime", "CZlib", "CZstd"]),
  library("HTTP2", "Platform/Net/HTTP2", ["Bytes", "HTTP", "Runtime", "CNghttp2"]),
  library("HTTP1", "Platform/Net/HTTP1", ["Bytes", "HTTP"]),
  library("WebSocket", "Platform/Net/WebSocket", ["Bytes", "Crypto", "Wire", "Runtime", "TLS", "CZlib"]),
  library("GRPC", "Platform/Net/GRPC", ["Bytes", "HTTP", "Runtime", "Wire"]),
  library("GRPCServices", "Platform/Net/GRPCServices", ["Bytes", "GRPC", "Runtime", "Wire"]),
  library(
    "HTTPServer", "Platform/Net/Server",
    ["Bytes", "HTTP", "HTTP1", "HTTP2", "Runtime", "Telemetry", "TLS", "Wire"]),
  library(
    "HTTPClient", "Platform/Net/Client", ["Bytes", "HTTP", "HTTP1", "HTTP2", "Runtime", "Telemetry", "TLS"]),
  library(
    "GRPCServer", "Platform/Net/GRPCServer",
    ["Bytes", "GRPC", "HTTP", "HTTPServer", "Runtime", "Telemetry"]),
  library(
    "GRPCClient", "Platform/Net/GRPCClient",
    ["Bytes", "GRPC", "HTTP", "HTTP2", "HTTPClient", "Runtime", "Telemetry", "TLS"]),
  library(
    "WebSocketServer", "Platform/Net/WebSocketServer", ["HTTP", "HTTPServer", "TLS", "WebSocket"]),
]

let log: [Target] = [
  library("Records", "Log/Records", ["Bytes", "Wire", "CLz4", "CZstd"]),
  library("LogEvents", "Log/Events", ["Bytes", "Wire"]),
  library(
    "Log", "Log/Storage",
    ["Bytes", "Crypto", "Files", "LogEvents", "Records", "Runtime", "Telemetry", "Wire"]),
  library("LogProtocol", "Log/Protocol", ["Bytes", "GRPC", "LogEvents", "Wire"]),
  library(
    "RemoteLog", "Log/Remote",
    ["Bytes", "GRPC", "GRPCServices", "Log", "LogEvents", "LogProtocol", "Records", "Runtime", "Wire"]),
  library("LogTools", "Log/Tools", ["Bytes", "Files", "Log", "LogEvents", "Records", "Runtime", "Wire"]),
]

let projections: [Target] = [
  library(
    "Database", "Projections/Database",
    ["Bytes", "Crypto", "Wire", "Runtime", "Telemetry", "COpenSSL", "CPostgres", "CSQLite"]),
  library(
    "Projections", "Projections/Engine",
    ["Bytes", "Database", "Files", "Log", "LogEvents", "Records", "Runtime", "Telemetry", "Wire"]),
  library("RemoteEvents", "Projections/Remote", ["Log", "Projections", "Records", "RemoteLog"]),
  library(
    "Cluster", "Projections/Cluster", ["Bytes", "Database", "Log", "LogEvents", "Projections", "Wire"]),
]

let gateways: [Target] = [
  library(
    "AdminGateway", "Gateways/Admin",
    ["Bytes", "Wire", "Runtime", "Telemetry", "HTTP", "HTTPServer", "Lifecycle"]),
  library(
    "LogGateway", "Gateways/Log",
    [
      "Bytes", "Crypto", "GRPC", "GRPCServices", "Log", "LogEvents", "LogProtocol", "Records", "Runtime",
      "Wire",
    ]),
]

let commands: [Target] = [
  command(
    "varve",
    [
      "AdminGateway", "Bytes", "Cluster", "CommandLine", "Configuration", "Database", "Files", "GRPC",
      "GRPCClient", "GRPCServer", "GRPCServices", "Lifecycle", "LogGateway", "RemoteEvents", "RemoteLog",
      "HTTP", "HTTP1", "HTTP2", "HTTPServer", "Log",
      "LogEvents", "LogTools", "Projections", "Records", "Runtime", "TLS", "Telemetry", "Wire",
    ]),
  command("protoc-gen-varve", ["Bytes", "Wire"]),
]

let suites: [Target] = [
  tests(of: "Bytes"),
  tests(of: "Notation"),
  tests(of: "Wire", ["Bytes", "Peers"]),
  tests(of: "Crypto", ["Bytes", "Peers", "Wire"]),
  tests(of: "Runtime", ["Bytes"]),
  tests(of: "Files", ["Bytes", "Peers", "Runtime"]),
  tests(of: "Telemetry", ["Bytes", "Peers", "Runtime"]),
  tests(of: "Configuration"),
  tests(of: "CommandLine", ["Runtime"]),
  tests(of: "Lifecycle", ["Bytes", "Runtime", "Telemetry", "lifecycle-probe"]),
  tests(of: "TLS", ["Bytes", "COpenSSL", "Crypto", "Peers", "Runtime"]),
  tests(of: "HTTP", ["Bytes", "Runtime"]),
  tests(of: "HTTP1", ["Bytes", "HTTP"]),
  tests(of: "HTTP2", ["Bytes", "HTTP", "Runtime"]),
  tests(
    of: "HTTPServer",
    ["Bytes", "HTTP", "HTTP1", "HTTP2", "Peers", "Runtime", "Telemetry", "TLS", "Wire"]),
  tests(
    of: "HTTPClient",
    ["Bytes", "HTTP", "HTTP1", "HTTP2", "HTTPServer", "Peers", "Runtime", "Telemetry", "TLS", "Wire"]),
  tests(of: "GRPC", ["Bytes", "HTTP", "Runtime"]),
  tests(
    of: "GRPCClient",
    [
      "Bytes", "EchoService", "GRPC", "GRPCServer", "HTTP", "HTTP1", "HTTPServer", "Peers", "Runtime",
      "Telemetry", "TLS", "Wire",
    ]),
  tests(
    of: "GRPCServer",
    ["Bytes", "EchoService", "GRPC", "HTTP", "HTTP1", "HTTPServer", "Peers", "Runtime", "Telemetry", "Wire"]),
  tests(
    of: "GRPCServices",
    [
      "Bytes", "EchoService", "GRPC", "GRPCServer", "HTTPServer", "Peers", "Runtime", "Telemetry", "Wire",
    ]),
  tests(
    of: "WebSocket",
    ["Bytes", "HTTPServer", "Peers", "Runtime", "TLS", "Wire", "websocket-probe"]),
  tests(of: "LogEvents", ["Bytes", "Wire"]),
  tests(of: "Records", ["Bytes", "Peers", "Wire"]),
  tests(
    of: "LogGateway",
    [
      "Bytes", "Files", "GRPC", "GRPCClient", "GRPCServer", "HTTPServer", "Log", "LogProtocol", "Peers",
      "Records",
      "RemoteLog", "Runtime", "Telemetry",
    ]),
  tests(of: "LogTools", ["Bytes", "Files", "Log", "LogEvents", "Records", "Runtime", "Telemetry", "Wire"]),
  tests(
    of: "Log",
    [
      "Bytes", "Files", "LogEvents", "Peers", "Records", "Runtime", "Telemetry", "Wire", "log-crash-probe",
    ]),
  tests(of: "Database", ["Bytes", "Peers", "Runtime", "Telemetry", "Wire"]),
  tests(
    of: "Projections",
    [
      "AccountsDomain", "Bytes", "Database", "Files", "Log", "LogEvents", "Peers", "Records", "Runtime",
      "Telemetry", "Wire", "projection-crash-probe",
    ]),
  tests(
    of: "Cluster",
    ["Bytes", "Database", "Files", "Log", "LogEvents", "Peers", "Projections", "Records", "Runtime", "Wire"]),
  tests("VarveTests", ["Peers", "varve"]),
  tests(
    "ProtocGenVarveTests", ["protoc-gen-varve", "Bytes", "EchoService", "GRPC", "Runtime", "Wire"]),
  tests("HouseTests", ["Peers"]),
  tests(
    "AbuseTests",
    [
      "Bytes", "Crowd", "EchoService", "GRPC", "HTTP", "HTTP2", "HTTPServer", "Peers", "Runtime", "Telemetry",
      "TLS", "WebSocket", "Wire", "abuse-probe",
    ]),
  // Idle clients in a process of their own.
  .target(
    name: "Crowd", dependencies: ["Bytes", "Peers", "Runtime", "TLS"], path: "Tests/Crowd",
    swiftSettings: rules),
  // A server to be abused, and the crowd that AbuseTests sends there.
  .executableTarget(
    name: "abuse-probe",
    dependencies: [
      "Bytes", "Crowd", "EchoService", "GRPC", "GRPCServer", "HTTP", "HTTPServer", "Runtime", "TLS",
      "Telemetry",
      "WebSocket", "WebSocketServer",
    ],
    path: "Tests/AbuseProbe", swiftSettings: rules),
  // Somebody else's programs, run as peers.
  .target(
    name: "Peers", path: "Tests/Peers",
    exclude: ["protobuf_peer.py", "grpc_client_peer.py", "grpc_server_peer.py"], swiftSettings: rules),
  // A service of every kind of method, to try gRPC with.
  .target(
    name: "EchoService", dependencies: ["Bytes", "GRPC", "Runtime", "Wire"], path: "Tests/EchoService",
    swiftSettings: rules),
  // A small node that LifecycleTests starts, signals and crashes.
  .executableTarget(
    name: "lifecycle-probe", dependencies: ["Lifecycle", "Runtime", "Telemetry"],
    path: "Tests/LifecycleProbe", swiftSettings: rules),
  // Known answers of Crypto, for ops/test to ask an optimized build.
  .executableTarget(
    name: "crypto-release-check", dependencies: ["Bytes", "Crypto", "Wire"], path: "Tests/CryptoReleaseCheck",
    swiftSettings: rules),
  // Both ends of a WebSocket, for WebSocketTests and for ops/autobahn.
  .executableTarget(
    name: "websocket-probe",
    dependencies: [
      "Bytes", "HTTP", "HTTPServer", "Runtime", "TLS", "Telemetry", "WebSocket", "WebSocketServer",
    ],
    path: "Tests/WebSocketProbe", swiftSettings: rules),
  // Crashes the log: LogTests runs it for a moment, ops/crash-test for long.
  .executableTarget(
    name: "log-crash-probe", dependencies: ["Bytes", "Files", "Log", "Records", "Runtime", "Wire"],
    path: "Tests/LogCrashProbe", swiftSettings: rules),
  // Accounts and money, to try the projection engine with: a domain, and what its callers may hold it to.
  .target(
    name: "AccountsDomain",
    dependencies: ["Bytes", "Database", "Files", "Log", "Projections", "Records", "Runtime", "Wire"],
    path: "Tests/AccountsDomain", swiftSettings: rules),
  // Crashes the projection engine, likewise.
  .executableTarget(
    name: "projection-crash-probe",
    dependencies: [
      "AccountsDomain", "Bytes", "Database", "Files", "Log", "Peers", "Projections", "Records", "Runtime",
      "Wire",
    ],
    path: "Tests/ProjectionCrashProbe", swiftSettings: rules),
]

/// Libraries that Benchmarks/ and Fuzz/, each a package of its own, build on.
let products: [Product] = [
  "Bytes", "Notation", "Wire", "Crypto", "Runtime", "Files", "Telemetry", "Configuration", "CommandLine",
  "Lifecycle",
  "HTTP", "HTTP1", "HTTP2", "TLS", "WebSocket", "GRPC", "HTTPServer", "HTTPClient",
  "GRPCServer", "GRPCClient", "GRPCServices", "WebSocketServer",
  "Records",
  "LogEvents", "Log", "LogProtocol", "RemoteLog", "LogTools",
  "Database", "Projections", "RemoteEvents", "Cluster",
  "Peers", "EchoService", "Crowd",
].map { .library(name: $0, targets: [$0]) }

let package = Package(
  name: "varve",
  products: products,
  targets: platform + log + projections + gateways + commands + suites,
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c17
)
