#include "crypto_peer.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

static void demand(int isGood) {
  if (!isGood) abort();
}

void peer_sha256(const unsigned char *bytes, size_t count, int rounds) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length;
  for (int round = 0; round < rounds; round++) {
    demand(EVP_Digest(bytes, count, digest, &length, EVP_sha256(), NULL) == 1);
  }
}

void peer_hmac_sha256(const unsigned char *bytes, size_t count, int rounds) {
  unsigned char key[32] = {1}, code[EVP_MAX_MD_SIZE];
  size_t length;
  EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA256", 0), OSSL_PARAM_construct_end()};
  for (int round = 0; round < rounds; round++) {
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
    demand(EVP_MAC_init(context, key, sizeof key, parameters) == 1);
    demand(EVP_MAC_update(context, bytes, count) == 1);
    demand(EVP_MAC_final(context, code, &length, sizeof code) == 1);
    EVP_MAC_CTX_free(context);
  }
  EVP_MAC_free(mac);
}

void peer_seal(const unsigned char *bytes, size_t count, int rounds, int chacha) {
  static unsigned char sealed[65536];
  unsigned char key[32] = {1}, nonce[12] = {0}, tag[16];
  int length;
  EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, chacha ? "ChaCha20-Poly1305" : "AES-256-GCM", NULL);
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  demand(EVP_EncryptInit_ex2(context, cipher, key, nonce, NULL) == 1);
  for (int round = 0; round < rounds; round++) {
    memcpy(nonce, &round, sizeof round);
    demand(EVP_EncryptInit_ex2(context, NULL, NULL, nonce, NULL) == 1);
    demand(EVP_EncryptUpdate(context, sealed, &length, bytes, (int)count) == 1);
    demand(EVP_EncryptFinal_ex(context, sealed + length, &length) == 1);
    demand(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1);
  }
  EVP_CIPHER_CTX_free(context);
  EVP_CIPHER_free(cipher);
}

void peer_verify(const unsigned char *bytes, size_t count, int rounds, int p256) {
  EVP_PKEY *key = p256 ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256") : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
  const char *hash = p256 ? "SHA256" : NULL;
  unsigned char signature[128];
  size_t length = sizeof signature;
  EVP_MD_CTX *signer = EVP_MD_CTX_new();
  demand(EVP_DigestSignInit_ex(signer, NULL, hash, NULL, NULL, key, NULL) == 1);
  demand(EVP_DigestSign(signer, signature, &length, bytes, count) == 1);
  EVP_MD_CTX_free(signer);
  for (int round = 0; round < rounds; round++) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    demand(EVP_DigestVerifyInit_ex(context, NULL, hash, NULL, NULL, key, NULL) == 1);
    demand(EVP_DigestVerify(context, signature, length, bytes, count) == 1);
    EVP_MD_CTX_free(context);
  }
  EVP_PKEY_free(key);
}
