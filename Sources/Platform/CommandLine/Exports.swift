// Whoever declares arguments also names notations (`.integer(1...65535)`) and the types they yield, so
// one `import CommandLine` brings both.

@_exported public import Notation
