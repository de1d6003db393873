import Bytes
import Testing
import Wire

@testable import protoc_gen_varve

private typealias FileDescriptor = Google_Protobuf_FileDescriptorProto
private typealias Request = Google_Protobuf_Compiler_CodeGeneratorRequest

/// A file with one message of one field.
private func file(_ change: (inout FileDescriptor) -> Void = { _ in }) -> FileDescriptor {
  var field = Google_Protobuf_FieldDescriptorProto()
  field.name = "user_id"
  field.jsonName = "userId"
  field.number = 1
  field.label = .optional
  field.type = .int64
  var message = Google_Protobuf_DescriptorProto()
  message.name = "Login"
  message.field = [field]
  var file = FileDescriptor()
  file.name = "some/folder/login.proto"
  file.package = "shop.front_end"
  file.syntax = "proto3"
  file.messageType = [message]
  change(&file)
  return file
}

private func response(
  _ file: FileDescriptor, options: String = ""
) -> Google_Protobuf_Compiler_CodeGeneratorResponse {
  var request = Request()
  request.protoFile = [file]
  request.fileToGenerate = [file.name]
  request.parameter = options
  return Generator.response(to: request)
}

@Suite("Generator") struct GeneratorTests {
  @Test func saysThatItKnowsProto3Optional() { #expect(response(file()).supportedFeatures == 1) }

  @Test func namesFilesAsAsked() {
    let names = [
      ("", "some/folder/login.pb.swift"), ("FileNaming=FullPath", "some/folder/login.pb.swift"),
      ("FileNaming=PathToUnderscores", "some_folder_login.pb.swift"),
      ("FileNaming=DropPath", "login.pb.swift"),
    ]
    for (option, name) in names { #expect(response(file(), options: option).file.map(\.name) == [name]) }
  }

  @Test func writesVisibilityAndImportsAsAsked() {
    let inside = response(file(), options: "Visibility=Public,InsideWire=true").file[0].content
    #expect(inside.contains("public struct Shop_FrontEnd_Login: Message {"))
    #expect(inside.contains("public var userID: Int64 = 0") && !inside.contains("import"))
    let outside = response(file()).file[0].content
    #expect(outside.contains("\nstruct Shop_FrontEnd_Login: Wire.Message {"))
    #expect(outside.contains("\nimport Wire\n") && !outside.contains("import Bytes"))
    let withBytes = response(file { $0.messageType[0].field[0].type = .bytes }, options: "Visibility=Public")
    #expect(withBytes.file[0].content.contains("\npublic import Bytes\npublic import Wire\n"))
  }

  @Test func takesThePrefixAFileGives() {
    let content = response(file { $0.options.swiftPrefix = "SF" }).file[0].content
    #expect(content.contains("struct SFLogin: Wire.Message {"))
  }

  @Test func carriesCommentsOver() {
    var location = Google_Protobuf_SourceCodeInfo.Location()
    location.path = [4, 0, 2, 0]
    location.leadingComments = " Who it is.\n\n Never 0. \n"
    let content = response(file { $0.sourceCodeInfo.location = [location] }).file[0].content
    #expect(content.contains("  /// Who it is.\n  ///\n  /// Never 0.\n  var userID"))
    let bare = response(file { $0.sourceCodeInfo.location = [location] }, options: "Comments=false")
    #expect(!bare.file[0].content.contains("Who it is"))
  }

  @Test func reportsWhatIsWrong() {
    let cases: [(FileDescriptor, String, String)] = [
      (
        file(), "Visibility=Secret",
        "option 'Visibility=Secret' is not understood; accepted: Public, Internal"
      ),
      (
        file(), "Speed=1",
        "option 'Speed=1' is not understood; accepted: Visibility, FileNaming, InsideWire, Comments, "
          + "Services, Import"
      ),
      (
        file { $0.messageType[0].field[0].type = .group }, "",
        ".shop.front_end.Login.user_id: groups are not supported, use a message field"
      ),
      (
        file {
          $0.messageType[0].field[0].type = .message
          $0.messageType[0].field[0].typeName = ".nobody.Knows"
        }, "", ".shop.front_end.Login.user_id: type .nobody.Knows is not defined"
      ),
      (
        file {
          $0.syntax = "proto2"
          $0.messageType[0].field[0].type = .bytes
          $0.messageType[0].field[0].defaultValue = "\\9"
        }, "", "user_id: default value '\\9' does not fit its type"
      ),
    ]
    for (file, options, error) in cases {
      let answer = response(file, options: options)
      #expect(answer.error == error && answer.file.isEmpty)
    }
    var missing = Request()
    missing.fileToGenerate = ["gone.proto"]
    #expect(Generator.response(to: missing).error == "gone.proto: not in the request")
  }

  /// Small messages lie inside the struct that has them, large ones and circles in a box.
  @Test func boxesWhatMustNotLieInside() {
    func content(_ type: String) -> String {
      response(
        file { file in
          var large = Google_Protobuf_DescriptorProto()
          large.name = "Large"
          large.field = (1...20).map { number in
            var field = file.messageType[0].field[0]
            field.name = "field_\(number)"
            field.number = Int32(number)
            return field
          }
          var small = large
          small.name = "Small"
          small.field.removeLast(18)
          file.messageType[0].field[0].type = .message
          file.messageType[0].field[0].typeName = ".shop.front_end." + type
          file.messageType += [large, small]
        }
      ).file[0].content
    }
    #expect(content("Small").contains("private var _userID: Shop_FrontEnd_Small?"))
    #expect(content("Large").contains("private var _userID: Wire.ProtobufBox<Shop_FrontEnd_Large>?"))
    #expect(content("Login").contains("private var _userID: Wire.ProtobufBox<Shop_FrontEnd_Login>?"))
  }
}
