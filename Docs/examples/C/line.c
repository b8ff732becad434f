/* SPDX-License-Identifier: Apache-2.0 */
/* Speech over a line that loses packets: line MODEL IN.wav OUT.wav [PERCENT]
   Both ends are in this program; between them are UDP's packets over the loopback interface. */
#define _POSIX_C_SOURCE 200809L
#include "wav.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sotto.h>
#include <sys/socket.h>
#include <unistd.h>

static sotto_error error;
static float *played;
static size_t played_count, played_room;

static void check(int32_t status) {
    if (status == SOTTO_OK) return;
    fprintf(stderr, "%s\n", error.message);
    exit(status);
}

static void require(int holds, const char *what) {
    if (holds) return;
    perror(what);
    exit(71);
}

/* What the receiver knows by now; a loudspeaker would get it. */
static void play(sotto_receiver *receiver) {
    size_t got;
    do {
        if (played_room - played_count < 4096) {
            played_room = 2 * played_room + 65536;
            played = (float *)realloc(played, played_room * sizeof *played);
            require(played != NULL, "memory");
        }
        check(sotto_receiver_read(receiver, played + played_count, 4096, &got, &error));
        played_count += got;
    } while (got == 4096);
}

/* Takes the packets that have arrived. */
static void receive(int line, sotto_receiver *receiver, int wait) {
    unsigned char packet[SOTTO_PACKET_ROOM];
    struct pollfd ready = {line, POLLIN, 0};
    while (poll(&ready, 1, wait) > 0) {
        const ssize_t size = recv(line, packet, sizeof packet, 0);
        require(size >= 0, "recv");
        check(sotto_receiver_push(receiver, packet, (size_t)size, &error));
        play(receiver);
    }
}

/* Sends what is ready; a share of it never arrives. */
static unsigned transmit(int line, sotto_sender *sender, unsigned percent) {
    static uint32_t chance = 1;
    unsigned char packet[SOTTO_PACKET_ROOM];
    unsigned lost = 0;
    size_t size;
    while (check(sotto_sender_read(sender, packet, sizeof packet, &size, &error)), size > 0) {
        chance = chance * 1664525u + 1013904223u;
        if ((chance >> 8) % 100 < percent)
            lost++;
        else
            require(send(line, packet, size, 0) == (ssize_t)size, "send");
    }
    return lost;
}

int main(int argc, char **argv) {
    sotto_model *model;
    sotto_sender *sender;
    sotto_receiver *receiver;
    sotto_model_info info;
    sotto_statistics heard;
    size_t count, at;
    unsigned lost = 0;
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    const int in = socket(AF_INET, SOCK_DGRAM, 0), out = socket(AF_INET, SOCK_DGRAM, 0);
    const unsigned percent = argc > 4 ? (unsigned)atoi(argv[4]) : 10;

    if (argc < 4) {
        fprintf(stderr, "line MODEL IN.wav OUT.wav [PERCENT]\n");
        return 64;
    }
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    require(in >= 0 && bind(in, (struct sockaddr *)&address, sizeof address) == 0, "bind");
    require(getsockname(in, (struct sockaddr *)&address, &length) == 0, "getsockname");
    require(out >= 0 && connect(out, (struct sockaddr *)&address, sizeof address) == 0, "connect");

    check(sotto_model_open(argv[1], &model, &error));
    check(sotto_model_describe(model, &info, &error));
    check(sotto_sender_open(model, 4, 1, 1, 1, &sender, &error));
    check(sotto_receiver_open((const sotto_model *const *)&model, 1, 0, 0, &receiver, &error));
    int16_t *samples = wav_read(argv[2], (uint32_t)info.sample_rate, &count);

    /* 20 ms at a time, as a microphone gives them, but without waiting for it. */
    for (at = 0; at < count; at += 320) {
        check(sotto_sender_push_int16(sender, samples + at, count - at < 320 ? count - at : 320, &error));
        lost += transmit(out, sender, percent);
        receive(in, receiver, 0);
    }
    check(sotto_sender_finish(sender, &error));
    lost += transmit(out, sender, percent);
    receive(in, receiver, 100);
    check(sotto_receiver_finish(receiver, &error));
    play(receiver);
    check(sotto_receiver_statistics(receiver, &heard, &error));
    wav_write(argv[3], (uint32_t)info.sample_rate, played, played_count);
    printf("%u packets were lost; %d frames were heard, %d repaired, %d lost; %u samples\n", lost, (int)heard.received,
           (int)heard.repaired, (int)heard.lost, (unsigned)played_count);

    sotto_sender_close(sender);
    sotto_receiver_close(receiver);
    sotto_model_close(model);
    free(samples), free(played);
    close(in), close(out);
    return 0;
}
