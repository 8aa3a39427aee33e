/* ONNX Runtime by its C API, loaded at run time: a program without the library still starts. One session, one thread; the
 * vector is that of the first token, brought to length one. */
#include "triage/encoder.h"

#include <dlfcn.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <xxhash.h>

#include "base/attrs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "encoder/wordpiece.h"

#define FILE_BYTES_MAX (512U << 20)
#define HASHED_MAX (2 * SHA256_HEX_MAX)

#ifdef TRIAGED_HAS_ONNXRUNTIME
#include <onnxruntime_c_api.h>

struct cached {
    XXH128_hash_t key; /* zero: empty */
    float vector[ENCODER_DIM];
};

struct encoder {
    void *library;
    const OrtApi *api;
    OrtEnv *env;
    OrtSession *session;
    OrtMemoryInfo *memory;
    struct wordpiece *wordpiece;
    int64_t *ids, *ones, *zeros; /* tokens_max each */
    size_t tokens_max;
    struct cached *cache; /* a place per hash: the newer one stays */
    size_t cache_entries;
    char hash[SHA256_HEX_MAX];
};

/* ---- opening ---- */

static int read_file(const char *dir, const char *name, char **ret_bytes, size_t *ret_len, struct err *reterr)
{
    char path[4096];
    FILE *in;
    long len;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    in = fopen(path, "re");
    if (!in)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "the encoder's %s is not there; fetch it with deploy/lib/encoder.sh", path);
    len = fseek(in, 0, SEEK_END) == 0 ? ftell(in) : -1;
    if (len <= 0 || len > (long)FILE_BYTES_MAX || fseek(in, 0, SEEK_SET) != 0) {
        fclose(in);
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "the encoder's %s is empty or too large", path);
    }
    *ret_bytes = mem_alloc((size_t)len + 1);
    *ret_len = fread(*ret_bytes, 1, (size_t)len, in);
    fclose(in);
    return 0;
}

/* Takes the status; true when it was an error, which is then told. */
static bool failed(const struct encoder *self, OrtStatus *status, const char *what, struct err *reterr)
{
    if (!status)
        return false;
    err_set(reterr, ERR_TRANSIENT, EX_SOFTWARE, "%s: %s", what, self->api->GetErrorMessage(status));
    self->api->ReleaseStatus(status);
    return true;
}

static int load_library(struct encoder *self, const char *dir, struct err *reterr)
{
    const OrtApiBase *(*base)(void);
    char path[4096];

    snprintf(path, sizeof path, "%s/libonnxruntime.so", dir);
    self->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!self->library)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "ONNX Runtime can't be loaded: %s", dlerror());
    *(void **)&base = dlsym(self->library, "OrtGetApiBase");
    self->api = base ? base()->GetApi(ORT_API_VERSION) : NULL;
    if (!self->api)
        return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "%s has no C API of version %d: fetch the encoder again", path,
                       ORT_API_VERSION);
    return 0;
}

static int open_session(struct encoder *self, const void *model, size_t len, struct err *reterr)
{
    const OrtApi *api = self->api;
    OrtSessionOptions *options = NULL;
    bool bad;

    if (failed(self, api->CreateEnv(ORT_LOGGING_LEVEL_ERROR, "triaged", &self->env), "ONNX Runtime can't start", reterr) ||
        failed(self, api->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &self->memory), "memory", reterr) ||
        failed(self, api->CreateSessionOptions(&options), "session options", reterr))
        return -1;
    bad = failed(self, api->SetIntraOpNumThreads(options, 1), "threads", reterr) ||
          failed(self, api->SetInterOpNumThreads(options, 1), "threads", reterr) ||
          failed(self, api->SetSessionExecutionMode(options, ORT_SEQUENTIAL), "mode", reterr) ||
          failed(self, api->SetSessionGraphOptimizationLevel(options, ORT_ENABLE_ALL), "optimisation", reterr) ||
          failed(self, api->CreateSessionFromArray(self->env, model, len, options, &self->session),
                 "the encoder's model can't be read", reterr);
    api->ReleaseSessionOptions(options);
    if (bad)
        reterr->class = ERR_PERMANENT;
    return bad ? -1 : 0;
}

static int load(struct encoder *self, const char *dir, struct err *reterr)
{
    CLEANUP(mem_freep) char *model = NULL;
    CLEANUP(mem_freep) char *tokenizer = NULL;
    size_t model_len = 0, tokenizer_len = 0;
    char hashed[HASHED_MAX];

    if (read_file(dir, "model.onnx", &model, &model_len, reterr) < 0 ||
        read_file(dir, "tokenizer.json", &tokenizer, &tokenizer_len, reterr) < 0 || load_library(self, dir, reterr) < 0)
        return -1;
    sha256_hex(model, model_len, hashed);
    sha256_hex(tokenizer, tokenizer_len, hashed + SHA256_HEX_MAX - 1);
    sha256_hex(hashed, strlen(hashed), self->hash);
    if (wordpiece_new(tokenizer, tokenizer_len, &self->wordpiece, reterr) < 0)
        return err_context(reterr, "the encoder's tokenizer.json in %s", dir);
    return open_session(self, model, model_len, reterr);
}

int encoder_open(const char *dir, size_t tokens_max, size_t cache_entries, struct encoder **ret_encoder,
                 struct err *reterr)
{
    struct encoder *self = mem_alloc(sizeof *self);

    self->tokens_max = tokens_max < 2 ? 2 : tokens_max;
    self->ids = mem_array(self->tokens_max, sizeof *self->ids);
    self->ones = mem_array(self->tokens_max, sizeof *self->ones);
    self->zeros = mem_array(self->tokens_max, sizeof *self->zeros);
    for (size_t i = 0; i < self->tokens_max; i++)
        self->ones[i] = 1;
    self->cache_entries = cache_entries;
    if (cache_entries)
        self->cache = mem_array(cache_entries, sizeof *self->cache);
    if (load(self, dir, reterr) < 0) {
        encoder_close(self);
        return -1;
    }
    *ret_encoder = self;
    return 0;
}

void encoder_close(struct encoder *self)
{
    if (!self)
        return;
    if (self->api && self->session)
        self->api->ReleaseSession(self->session);
    if (self->api && self->memory)
        self->api->ReleaseMemoryInfo(self->memory);
    if (self->api && self->env)
        self->api->ReleaseEnv(self->env);
    if (self->library)
        dlclose(self->library);
    wordpiece_free(self->wordpiece);
    mem_free(self->ids);
    mem_free(self->ones);
    mem_free(self->zeros);
    mem_free(self->cache);
    mem_free(self);
}

const char *encoder_hash(const struct encoder *self)
{
    return self->hash;
}

/* ---- embedding ---- */

static bool to_unit(const float *from, float ret_vector[ENCODER_DIM])
{
    double square = 0;

    for (size_t i = 0; i < ENCODER_DIM; i++)
        square += (double)from[i] * (double)from[i];
    if (!(square > 0) || !isfinite(square))
        return false;
    for (size_t i = 0; i < ENCODER_DIM; i++)
        ret_vector[i] = (float)(from[i] / sqrt(square));
    return true;
}

static int take_first_token(const struct encoder *self, OrtValue *output, float ret_vector[ENCODER_DIM], struct err *reterr)
{
    float *data = NULL;
    OrtTensorTypeAndShapeInfo *shape = NULL;
    size_t count = 0;
    bool bad = failed(self, self->api->GetTensorTypeAndShape(output, &shape), "the encoder's output", reterr) ||
               failed(self, self->api->GetTensorShapeElementCount(shape, &count), "the encoder's output", reterr) ||
               failed(self, self->api->GetTensorMutableData(output, (void **)&data), "the encoder's output", reterr);

    if (shape)
        self->api->ReleaseTensorTypeAndShapeInfo(shape);
    if (bad)
        return -1;
    if (count < ENCODER_DIM || !to_unit(data, ret_vector))
        return err_set(reterr, ERR_TRANSIENT, EX_SOFTWARE, "the encoder gave no vector of %d numbers", ENCODER_DIM);
    return 0;
}

static int run(struct encoder *self, size_t n, float ret_vector[ENCODER_DIM], struct err *reterr)
{
    static const char *const inputs[] = {"input_ids", "attention_mask", "token_type_ids"}, *const outputs[] = {"last_hidden_state"};
    int64_t *const data[] = {self->ids, self->ones, self->zeros};
    const int64_t shape[] = {1, (int64_t)n};
    OrtValue *values[ARRAY_LEN(inputs)] = {NULL}, *output = NULL;
    int rc = 0;

    for (size_t i = 0; i < ARRAY_LEN(inputs) && rc == 0; i++) {
        if (failed(self, self->api->CreateTensorWithDataAsOrtValue(self->memory, data[i], n * sizeof(int64_t), shape, 2,
                                                                   ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64, &values[i]),
                   "the encoder's input", reterr))
            rc = -1;
    }
    if (rc == 0 && failed(self, self->api->Run(self->session, NULL, inputs, (const OrtValue *const *)values, ARRAY_LEN(inputs),
                                               outputs, 1, &output),
                          "the encoder can't run", reterr))
        rc = -1;
    if (rc == 0)
        rc = take_first_token(self, output, ret_vector, reterr);
    for (size_t i = 0; i < ARRAY_LEN(inputs); i++) {
        if (values[i])
            self->api->ReleaseValue(values[i]);
    }
    if (output)
        self->api->ReleaseValue(output);
    return rc;
}

size_t encoder_tokens(struct encoder *self, const char *text, int64_t *ret_ids, size_t max)
{
    return wordpiece_ids(self->wordpiece, text, ret_ids, max);
}

int encoder_embed(struct encoder *self, const char *text, float ret_vector[ENCODER_DIM], struct err *reterr)
{
    size_t n = wordpiece_ids(self->wordpiece, text, self->ids, self->tokens_max);
    XXH128_hash_t key = XXH3_128bits(self->ids, n * sizeof *self->ids);
    struct cached *place = self->cache ? &self->cache[key.low64 % self->cache_entries] : NULL;

    if (place && XXH128_isEqual(place->key, key)) {
        memcpy(ret_vector, place->vector, sizeof place->vector);
        return 0;
    }
    if (run(self, n, ret_vector, reterr) < 0)
        return -1;
    if (place) {
        place->key = key;
        memcpy(place->vector, ret_vector, sizeof place->vector);
    }
    return 0;
}

#else

int encoder_open(UNUSED const char *dir, UNUSED size_t tokens_max, UNUSED size_t cache_entries,
                 UNUSED struct encoder **ret_encoder, struct err *reterr)
{
    return err_set(reterr, ERR_PERMANENT, EX_CONFIG,
                   "this build has no encoder: run deploy/lib/encoder.sh fetch, then build again");
}

void encoder_close(UNUSED struct encoder *self)
{
}

const char *encoder_hash(UNUSED const struct encoder *self)
{
    return "";
}

size_t encoder_tokens(UNUSED struct encoder *self, UNUSED const char *text, UNUSED int64_t *ret_ids, UNUSED size_t max)
{
    return 0;
}

int encoder_embed(UNUSED struct encoder *self, UNUSED const char *text, UNUSED float ret_vector[ENCODER_DIM], struct err *reterr)
{
    return err_set(reterr, ERR_PERMANENT, EX_CONFIG, "this build has no encoder");
}

#endif
