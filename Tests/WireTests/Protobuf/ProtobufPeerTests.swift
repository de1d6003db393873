import Bytes
import Foundation
import Testing
import Wire

private typealias Everything = Varve_Testing_Everything

/// The types an Any in a test may hold.
let testTypes: ProtobufTypeRegistry = {
  var types = ProtobufTypeRegistry.wellKnown
  types.register(Varve_Testing_Everything.Nested.self)
  types.register(Varve_Testing_Everything.self)
  return types
}()

let jsonEncoding: ProtobufJSONEncodingOptions = {
  var options = ProtobufJSONEncodingOptions()
  options.types = testTypes
  return options
}()

let jsonDecoding: ProtobufJSONDecodingOptions = {
  var options = ProtobufJSONDecodingOptions()
  options.types = testTypes
  return options
}()

@Suite("Protobuf beside other implementations") struct ProtobufPeerTests {
  /// The peer makes random messages with every field kind and writes them as bytes and as JSON; we read both,
  /// they are the same message, and the peer reads what we write as that message.
  @Test(arguments: [1, 2] as [Int])
  func readsAndWritesWhatPythonDoes(seed: Int) throws {
    var requests = ""
    let lines = try ProtobufPeers.python("random \(seed) 250\n")
    #expect(lines.count == 250)
    for line in lines {
      let words = line.split(separator: " ")
      let binary = try ByteBuffer(peerWord: words[0])
      let message = try Everything(serializedBytes: binary)
      let json = try ByteBuffer(peerWord: words[1])
      let fromJSON = try Everything(jsonUTF8Bytes: json, options: jsonDecoding)
      #expect(fromJSON == message)
      let ours = try message.serializedBytes()
      #expect(ours.count == message.serializedSize)
      #expect(try Everything(serializedBytes: ours) == message)
      let ourJSON = try message.jsonUTF8Bytes(options: jsonEncoding)
      #expect(try Everything(jsonUTF8Bytes: ourJSON, options: jsonDecoding) == message)
      requests += "same \(words[0]) \(ours.peerWord) \(ourJSON.peerWord)\n"
    }
    for verdict in try ProtobufPeers.python(requests) { #expect(verdict == "ok") }
  }

  /// Bytes made by hand (any field order, duplicates, unknown fields) mean the same to us and to the peer.
  @Test(arguments: [3, 4] as [UInt64])
  func mergesAndKeepsWhatPythonDoes(seed: UInt64) throws {
    var random = RandomEverything(generator: SeededGenerator(seed: seed))
    var requests = ""
    for _ in 0..<300 {
      let bytes = ByteBuffer(random.message())
      let message = try Everything(serializedBytes: bytes)
      let json = try message.jsonUTF8Bytes()
      requests += "same \(bytes.peerWord) \(try message.serializedBytes().peerWord) \(json.peerWord)\n"
    }
    let verdicts = try ProtobufPeers.python(requests)
    #expect(verdicts.count == 300)
    for verdict in verdicts { #expect(verdict == "ok") }
  }

  /// protoc reads our bytes and writes, from its own text form of them, exactly the same bytes.
  @Test func writesTheBytesProtocDoes() throws {
    var batch = Varve_Testing_Batch()
    for line in try ProtobufPeers.python("random 5 100\n") {
      let word = line.prefix { $0 != " " }
      batch.messages.append(try Everything(serializedBytes: ByteBuffer(peerWord: word)))
    }
    let ours = try batch.serializedBytes()
    let text = try ProtobufPeers.protoc("--decode", Data([UInt8](ours)))
    #expect(text.count > 10_000)
    let theirs = try ProtobufPeers.protoc("--encode", text)
    #expect(ByteBuffer(theirs) == ours)
    #expect(try Varve_Testing_Batch(serializedBytes: ByteBuffer(theirs)) == batch)
  }

  /// Bytes with one thing changed at random are taken by us exactly when the peer takes them, but for varints
  /// of more than 64 bits, whose high bits the peer drops without a word.
  @Test func refusesWhatPythonRefuses() throws {
    var generator = SeededGenerator(seed: 6)
    var random = RandomEverything(generator: SeededGenerator(seed: 7))
    var inputs: [[UInt8]] = []
    while inputs.count < 600 {
      var bytes = random.message()
      if bytes.isEmpty { continue }
      let index = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<3, using: &generator) {
      case 0: bytes[index] ^= UInt8(1 << Int.random(in: 0..<8, using: &generator))
      case 1: bytes.removeSubrange(index...)
      default: bytes.remove(at: index)
      }
      inputs.append(bytes)
    }
    let requests = inputs.map { "accepts \(ByteBuffer($0).peerWord)\n" }.joined()
    var accepted = 0
    for (bytes, verdict) in zip(inputs, try ProtobufPeers.python(requests)) {
      do throws(ProtobufError) {
        _ = try Everything(serializedBytes: bytes)
        accepted += 1
        #expect(verdict == "yes", "\(bytes)")
      } catch .varintOverflow {
        continue
      } catch {
        #expect(verdict == "no", "\(error) \(bytes)")
      }
    }
    #expect(accepted > 100 && accepted < 500)
  }
}
