// OpenSSL called from C in the way its manual shows: what Varve's wrapping is measured against.
#pragma once
#include <stddef.h>

/// Hashes `count` bytes with SHA-256, `rounds` times, by EVP_Digest and EVP_sha256().
void peer_sha256(const unsigned char *bytes, size_t count, int rounds);
/// Authenticates `count` bytes with HMAC-SHA-256, `rounds` times, by EVP_MAC with a new context each time.
void peer_hmac_sha256(const unsigned char *bytes, size_t count, int rounds);
/// Seals `count` bytes, at most 64 KiB, `rounds` times under one key: `chacha` chooses ChaCha20-Poly1305 over
/// AES-256-GCM.
void peer_seal(const unsigned char *bytes, size_t count, int rounds, int chacha);
/// Verifies one Ed25519 (`p256` = 0) or P-256 signature of `count` bytes, `rounds` times with one key.
void peer_verify(const unsigned char *bytes, size_t count, int rounds, int p256);
