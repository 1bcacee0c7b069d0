/*
 * A stand-in for Tencent's libWeWorkFinanceSdk_C.so: the same exported symbols (WeWorkFinanceSdk_C.h), the simulator
 * behind them, and the simulator's cipher. It reads `standin.conf` beside itself at every call:
 *
 *   url http://127.0.0.1:PORT
 *   FUNCTION ACTION ARGUMENT TIMES      TIMES -1: for ever; counted across restarts in the files used.N
 *
 * ACTION: abort, segv, hang, leak BYTES, rc N, errcode N (rc 0 with an error JSON), both RC:ERRCODE,
 * above N (301058 when limit > N). For DecryptData ARGUMENT of abort, segv and hang is a piece of encrypt_msg, - is any.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* OpenSSL as the host process exports it; no headers needed. */
extern void *EVP_CIPHER_CTX_new(void);
extern void EVP_CIPHER_CTX_free(void *);
extern const void *EVP_aes_256_gcm(void);
extern const void *EVP_sha256(void);
extern int EVP_CIPHER_CTX_ctrl(void *, int, int, void *);
extern int EVP_DecryptInit_ex(void *, const void *, void *, const unsigned char *, const unsigned char *);
extern int EVP_DecryptUpdate(void *, unsigned char *, int *, const unsigned char *, int);
extern int EVP_DecryptFinal_ex(void *, unsigned char *, int *);
extern int EVP_Digest(const void *, size_t, unsigned char *, unsigned int *, const void *, void *);
extern int EVP_DecodeBlock(unsigned char *, const unsigned char *, int);

/* Node exports this too: without RTLD_DEEPBIND the call in NewSdk would reach Node's. */
unsigned long OpenSSL_version_num(void) { return 0x30000000UL; }

typedef struct { char *buf; int len; } Slice_t;
typedef struct { char *outindexbuf; int out_len; char *data; int data_len; int is_finish; } MediaData_t;
typedef struct { char *corpid, *secret, *token; } WeWorkFinanceSdk_t;

static char home[4096];
static int slices, medias;

__attribute__((constructor)) static void find_home(void) {
  Dl_info info;
  if (!dladdr((void *)find_home, &info)) return;
  /* Loaded through /proc/self/fd: the link leads to the file. */
  ssize_t n = readlink(info.dli_fname, home, sizeof home - 1);
  if (n < 0) n = snprintf(home, sizeof home, "%s", info.dli_fname);
  home[n] = 0;
  char *slash = strrchr(home, '/');
  if (slash) *slash = 0;
}

static char *beside(const char *name) {
  static char path[4200];
  snprintf(path, sizeof path, "%s/%s", home, name);
  return path;
}

static void note(const char *format, ...) {
  FILE *log = fopen(beside("standin.log"), "a");
  if (!log) return;
  va_list args;
  va_start(args, format);
  vfprintf(log, format, args);
  va_end(args);
  fputc('\n', log);
  fclose(log);
}

/* ---- misbehaviour ---- */
static int use_up(int line, long times) {
  if (times < 0) return 1;
  char name[32];
  snprintf(name, sizeof name, "used.%d", line);
  struct stat state;
  if (stat(beside(name), &state) == 0 && state.st_size >= times) return 0;
  FILE *used = fopen(beside(name), "a");
  if (!used) return 0;
  fputc('x', used);
  fclose(used);
  return 1;
}

static int put(Slice_t *slice, const char *bytes, int len) {
  slice->buf = malloc(len + 1);
  memcpy(slice->buf, bytes, len);
  slice->buf[len] = 0;
  slice->len = len;
  return 0;
}

static void put_error(Slice_t *slice, int errcode) {
  char json[256];
  int len = snprintf(json, sizeof json, "{\"errcode\":%d,\"errmsg\":\"told to, from ip: 127.0.0.1\",\"chatdata\":[]}", errcode);
  if (slice) put(slice, json, len);
}

/* -1: go on; otherwise the rc to return. */
static int misbehave(const char *function, const char *message, unsigned limit, Slice_t *slice) {
  FILE *conf = fopen(beside("standin.conf"), "r");
  if (!conf) return -1;
  char line[1024], fn[64], action[32], arg[512];
  long times;
  int result = -1;
  for (int i = 0; result < 0 && fgets(line, sizeof line, conf); i++) {
    if (sscanf(line, "%63s %31s %511s %ld", fn, action, arg, &times) != 4 || strcmp(fn, function)) continue;
    int needle = !strcmp(action, "abort") || !strcmp(action, "segv") || !strcmp(action, "hang");
    if (needle && strcmp(arg, "-") && (!message || !strstr(message, arg))) continue;
    if (!strcmp(action, "above") && limit <= (unsigned)atoi(arg)) continue;
    if (!use_up(i, times)) continue;
    if (!strcmp(action, "abort")) abort();
    if (!strcmp(action, "segv")) raise(SIGSEGV);
    if (!strcmp(action, "hang")) for (;;) sleep(1000);
    if (!strcmp(action, "leak")) { char *lost = malloc(atol(arg)); memset(lost, 7, atol(arg)); __asm__ volatile("" : : "r"(lost) : "memory"); }
    if (!strcmp(action, "rc")) result = atoi(arg);
    if (!strcmp(action, "errcode")) { put_error(slice, atoi(arg)); result = 0; }
    if (!strcmp(action, "above")) { put_error(slice, 301058); result = 0; }
    if (!strcmp(action, "both")) { result = atoi(arg); put_error(slice, atoi(strchr(arg, ':') + 1)); }
  }
  fclose(conf);
  return result;
}

/* ---- HTTP ---- */
static int port(void) {
  char line[1024];
  int found = 0;
  FILE *conf = fopen(beside("standin.conf"), "r");
  if (!conf) return 0;
  while (!found && fgets(line, sizeof line, conf)) sscanf(line, "url http://127.0.0.1:%d", &found);
  fclose(conf);
  return found;
}

static int send_all(int fd, const char *bytes, size_t len) {
  while (len > 0) {
    ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
    if (n <= 0) return 0;
    bytes += n;
    len -= n;
  }
  return 1;
}

/* The body of a 200 answer that arrived whole, to be freed; NULL is error 10001. */
static char *http(const char *method, const char *path, const char *body, int *length, int timeout) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port())};
  inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct timeval limit = {.tv_sec = timeout};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  char *all = NULL, *result = NULL;
  size_t size = 0, room = 1 << 16;
  char head[4096];
  int n = snprintf(head, sizeof head,
    "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
    method, path, strlen(body));
  if (connect(fd, (struct sockaddr *)&to, sizeof to) || !send_all(fd, head, n) || !send_all(fd, body, strlen(body))) goto done;
  all = malloc(room);
  for (;;) {
    if (size + 1 >= room) all = realloc(all, room *= 2);
    ssize_t got = recv(fd, all + size, room - size - 1, 0);
    if (got < 0) goto done;
    if (got == 0) break;
    size += got;
  }
  all[size] = 0;
  char *end = strstr(all, "\r\n\r\n");
  if (!end || strncmp(all, "HTTP/1.1 200", 12)) goto done;
  char *told = strcasestr(all, "\r\ncontent-length:");
  size_t len = size - (end + 4 - all);
  if (!told || told > end || strtoul(told + 17, NULL, 10) != len) goto done;
  result = malloc(len + 1);
  memcpy(result, end + 4, len + 1);
  *length = len;
done:
  free(all);
  close(fd);
  return result;
}

static int errcode_of(const char *json) {
  const char *at = strstr(json, "\"errcode\":");
  return at ? atoi(at + 10) : 0;
}

/* The string value of a field, to be freed; the simulator's strings hold no escapes here. */
static char *text_of(const char *json, const char *field, int *length) {
  char key[64];
  snprintf(key, sizeof key, "\"%s\":\"", field);
  const char *at = strstr(json, key);
  const char *end = at ? strchr(at + strlen(key), '"') : NULL;
  if (!end) return NULL;
  at += strlen(key);
  *length = end - at;
  return strndup(at, end - at);
}

/* An API call with a token fetched once and renewed when it died. NULL is error 10001. */
static char *ask(WeWorkFinanceSdk_t *sdk, const char *api, const char *body, int *length, int timeout) {
  char path[2048];
  for (int attempt = 0;; attempt++) {
    if (!sdk->token) {
      snprintf(path, sizeof path, "/cgi-bin/gettoken?corpid=%s&corpsecret=%s", sdk->corpid, sdk->secret);
      char *answer = http("GET", path, "", length, timeout);
      if (!answer || errcode_of(answer)) return answer;
      int n;
      sdk->token = text_of(answer, "access_token", &n);
      free(answer);
      if (!sdk->token) return NULL;
    }
    snprintf(path, sizeof path, "/cgi-bin/message/%s?access_token=%s", api, sdk->token);
    char *answer = http("POST", path, body, length, timeout);
    if (!answer) return NULL;
    int errcode = errcode_of(answer);
    if (attempt > 0 || (errcode != 40014 && errcode != 42001)) return answer;
    free(answer);
    free(sdk->token);
    sdk->token = NULL;
  }
}

/* ---- the header's functions ---- */
WeWorkFinanceSdk_t *NewSdk(void) {
  note("NewSdk openssl=%lx", OpenSSL_version_num());
  return calloc(1, sizeof(WeWorkFinanceSdk_t));
}

int Init(WeWorkFinanceSdk_t *sdk, const char *corpid, const char *secret) {
  int told = misbehave("Init", NULL, 0, NULL);
  if (told >= 0) return told;
  if (!sdk || !*corpid || !*secret) return 10000;
  sdk->corpid = strdup(corpid);
  sdk->secret = strdup(secret);
  return 0;
}

int GetChatData(WeWorkFinanceSdk_t *sdk, unsigned long long seq, unsigned int limit, const char *proxy,
                const char *passwd, int timeout, Slice_t *chatDatas) {
  note("GetChatData seq=%llu limit=%u proxy=%s passwd=%s timeout=%d", seq, limit, proxy, passwd, timeout);
  int told = misbehave("GetChatData", NULL, limit, chatDatas);
  if (told >= 0) return told;
  if (!sdk || !sdk->corpid || limit > 1000) return 10000;
  char body[256];
  snprintf(body, sizeof body, "{\"seq\":%llu,\"limit\":%u,\"timeout\":%d}", seq, limit, timeout);
  int len;
  char *answer = ask(sdk, "getchatdata", body, &len, timeout);
  if (!answer) return 10001;
  put(chatDatas, answer, len);
  free(answer);
  return 0;
}

int DecryptData(const char *encrypt_key, const char *encrypt_msg, Slice_t *msg) {
  int told = misbehave("DecryptData", encrypt_msg, 0, msg);
  if (told >= 0) return told;
  if (!*encrypt_key) return 10008;
  if (strncmp(encrypt_msg, "SIM1.", 5)) return 10000;
  const char *text = encrypt_msg + 5;
  int chars = strlen(text);
  unsigned char *sealed = malloc(chars + 4);
  int bytes = EVP_DecodeBlock(sealed, (const unsigned char *)text, chars);
  for (int i = chars - 1; bytes > 0 && i >= 0 && text[i] == '='; i--) bytes--;
  if (bytes < 28) { free(sealed); return 10000; }
  unsigned char key[32];
  EVP_Digest(encrypt_key, strlen(encrypt_key), key, NULL, EVP_sha256(), NULL);
  int len = bytes - 28, part = 0, rest = 0;
  char *plain = malloc(len + 17);
  void *ctx = EVP_CIPHER_CTX_new();
  int ok = EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, sealed) == 1 &&
           EVP_DecryptUpdate(ctx, (unsigned char *)plain, &part, sealed + 12, len) == 1 &&
           EVP_CIPHER_CTX_ctrl(ctx, 0x11, 16, sealed + 12 + len) == 1 &&
           EVP_DecryptFinal_ex(ctx, (unsigned char *)plain + part, &rest) == 1;
  EVP_CIPHER_CTX_free(ctx);
  if (ok) put(msg, plain, part + rest);
  free(plain);
  free(sealed);
  return ok ? 0 : 10006;
}

int GetMediaData(WeWorkFinanceSdk_t *sdk, const char *indexbuf, const char *sdkFileid, const char *proxy,
                 const char *passwd, int timeout, MediaData_t *media) {
  note("GetMediaData index=%s proxy=%s passwd=%s timeout=%d", indexbuf, proxy, passwd, timeout);
  int told = misbehave("GetMediaData", NULL, 0, NULL);
  if (told >= 0) return told;
  char body[2048];
  snprintf(body, sizeof body, "{\"sdkfileid\":\"%s\",\"indexbuf\":\"%s\",\"timeout\":%d}", sdkFileid, indexbuf, timeout);
  int len, errcode;
  char *answer = ask(sdk, "getchatmediadata", body, &len, timeout);
  if (!answer) return 10001;
  if ((errcode = errcode_of(answer))) {
    free(answer);
    return errcode == 301048 ? 10005 : 10000;
  }
  const char *finish = strstr(answer, "\"is_finish\":");
  media->is_finish = finish ? atoi(finish + 12) : 0;
  media->outindexbuf = text_of(answer, "outindexbuf", &media->out_len);
  int chars = 0;
  char *data = text_of(answer, "data", &chars);
  if (data) {
    media->data = malloc(chars + 4);
    media->data_len = EVP_DecodeBlock((unsigned char *)media->data, (unsigned char *)data, chars);
    for (int i = chars - 1; media->data_len > 0 && i >= 0 && data[i] == '='; i--) media->data_len--;
    free(data);
  }
  free(answer);
  return 0;
}

void DestroySdk(WeWorkFinanceSdk_t *sdk) {
  note("DestroySdk slices=%d medias=%d", slices, medias);
  if (!sdk) return;
  free(sdk->corpid);
  free(sdk->secret);
  free(sdk->token);
  free(sdk);
}

Slice_t *NewSlice(void) { slices++; return calloc(1, sizeof(Slice_t)); }
void FreeSlice(Slice_t *slice) { slices--; free(slice->buf); free(slice); }
char *GetContentFromSlice(Slice_t *slice) { return slice->buf; }
int GetSliceLen(Slice_t *slice) { return slice->len; }

MediaData_t *NewMediaData(void) { medias++; return calloc(1, sizeof(MediaData_t)); }
void FreeMediaData(MediaData_t *media) { medias--; free(media->outindexbuf); free(media->data); free(media); }
char *GetOutIndexBuf(MediaData_t *media) { return media->outindexbuf; }
char *GetData(MediaData_t *media) { return media->data; }
int GetIndexLen(MediaData_t *media) { return media->out_len; }
int GetDataLen(MediaData_t *media) { return media->data_len; }
int IsMediaDataFinish(MediaData_t *media) { return media->is_finish; }
