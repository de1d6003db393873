// libFuzzer calls one function with bytes it made up; this file hands them to the decoder that
// VARVE_FUZZ_TARGET names. A target must take any bytes at all: it may refuse them, never crash, hang or
// allocate without bound. Where it accepts them, it checks its own law (decode, encode, decode again).

import Glibc

/// A decoder under fuzz.
struct FuzzTarget: Sendable {
  /// What VARVE_FUZZ_TARGET is set to, and the name of its folder under Fuzz/corpus.
  let name: String
  /// Takes the bytes; a precondition failure is a finding.
  let run: @Sendable (UnsafeRawBufferPointer) -> Void
}

/// Every target there is. `VARVE_FUZZ_TARGET=list` prints their names.
let allTargets: [FuzzTarget] = [
  base58Fuzz,
  base64Fuzz,
  cborCodableFuzz,
  cborFuzz,
  commandLineFuzz,
  configurationEnvironmentFuzz,
  configurationFuzz,
  contentDecodingFuzz,
  cookiesFuzz,
  ecdsaSignatureFuzz,
  exportLineFuzz,
  hexFuzz,
  http1ChunkedFuzz,
  http1RequestFuzz,
  http1ResponseFuzz,
  httpFieldsFuzz,
  http2ClientFuzz,
  http2ServerFuzz,
  jsonFuzz,
  jwkFuzz,
  keyDERFuzz,
  lockHolderFuzz,
  logSideFilesFuzz,
  multipartFuzz,
  notationFuzz,
  pemFuzz,
  permessageDeflateFuzz,
  protobufDynamicFuzz,
  protobufFuzz,
  protobufJSONFuzz,
  rangesFuzz,
  recordBatchFuzz,
  segmentFuzz,
  uuidFuzz,
  telemetryFuzz,
  tlsPreSharedKeyFileFuzz,
  tlsServerFuzz,
  varintFuzz,
  webSocketFramesFuzz,
  webSocketHandshakeFuzz,
]

private let chosen: FuzzTarget = {
  let wanted = getenv("VARVE_FUZZ_TARGET").map { String(cString: $0) } ?? "list"
  if let target = allTargets.first(where: { $0.name == wanted }) { return target }
  for target in allTargets { print(target.name) }
  // Not exit(3): libFuzzer takes that for a crash of the target.
  fflush(nil)
  _exit(wanted == "list" ? 0 : 64)
}()

/// The entry point libFuzzer looks for.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  chosen.run(UnsafeRawBufferPointer(start: bytes, count: count))
  return 0
}
