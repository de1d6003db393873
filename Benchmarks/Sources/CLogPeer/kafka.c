// A producer of Kafka through librdkafka: a fixed number of records outstanding, the next one sent from the
// report of the one before.
#include "log_peer.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"

enum { reports_patience_milliseconds = 20000, poll_milliseconds = 100 };

struct producing {
  rd_kafka_topic_t *topic;
  char *record;
  size_t record_bytes;
  uint64_t *sent_at;  // one a producer
  uint64_t end, last, count;
  int outstanding;
  rd_kafka_resp_err_t error;
  struct log_load *load;
};

static void produce(struct producing *state, uint64_t *slot) {
  *slot = log_peer_now();
  // Without a copy: every record is the same bytes.
  if (rd_kafka_produce(state->topic, 0, 0, state->record, state->record_bytes, NULL, 0, slot) != 0) {
    state->error = rd_kafka_last_error();
    state->outstanding--;
  }
}

static void reported(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque) {
  (void)handle;
  struct producing *state = opaque;
  uint64_t *slot = message->_private;
  if (message->err) state->error = message->err;
  uint64_t now = log_peer_now();
  if (state->count < state->load->capacity) state->load->latencies[state->count] = now - *slot;
  state->count++;
  state->last = now;
  if (state->error || now >= state->end) state->outstanding--;
  else produce(state, slot);
}

int log_peer_kafka(uint16_t port, int producers, size_t record_bytes, double seconds, struct log_load *load) {
  char reason[512], address[64];
  snprintf(address, sizeof address, "127.0.0.1:%u", port);
  const char *settings[][2] = {
      {"bootstrap.servers", address}, {"acks", "all"}, {"linger.ms", "0"}, {"log_level", "2"},
      {"socket.nagle.disable", "true"}};
  struct producing state = {.record_bytes = record_bytes, .load = load};
  rd_kafka_conf_t *configuration = rd_kafka_conf_new();
  for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
    if (rd_kafka_conf_set(configuration, settings[i][0], settings[i][1], reason, sizeof reason) != 0)
      return log_peer_fail("%s", reason);
  }
  rd_kafka_conf_set_dr_msg_cb(configuration, reported);
  rd_kafka_conf_set_opaque(configuration, &state);
  rd_kafka_t *handle = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, reason, sizeof reason);
  if (!handle) return log_peer_fail("%s", reason);
  state.topic = rd_kafka_topic_new(handle, "bench", NULL);
  state.record = calloc(1, record_bytes);
  state.sent_at = calloc((size_t)producers, sizeof *state.sent_at);
  int result = 0;
  if (!state.topic || !state.record || !state.sent_at) result = log_peer_fail("no topic");

  // The first record waits for the topic to be made and its leader found, so it is not timed.
  if (result == 0) {
    state.outstanding = 1;
    produce(&state, state.sent_at);
    uint64_t deadline = log_peer_now() + reports_patience_milliseconds * 1000000ull;
    while (state.outstanding > 0 && log_peer_now() < deadline) rd_kafka_poll(handle, poll_milliseconds);
    uint64_t began = log_peer_now();
    state.end = began + (uint64_t)(seconds * 1e9);
    state.count = 0;
    deadline = state.end + reports_patience_milliseconds * 1000000ull;
    if (state.outstanding == 0 && !state.error) {
      state.outstanding = producers;
      for (int i = 0; i < producers; i++) produce(&state, &state.sent_at[i]);
      while (state.outstanding > 0 && log_peer_now() < deadline) rd_kafka_poll(handle, poll_milliseconds);
    }
    load->operations = state.count;
    load->nanoseconds = state.last - began;
    if (state.error) result = log_peer_fail("kafka: %s", rd_kafka_err2str(state.error));
    else if (state.outstanding > 0) result = log_peer_fail("kafka: no report in time");
  }
  if (state.topic) rd_kafka_topic_destroy(state.topic);
  rd_kafka_destroy(handle);
  free(state.record);
  free(state.sent_at);
  return result;
}
