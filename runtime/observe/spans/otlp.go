package spans

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Options say where spans go. What is not set comes from the variables that OpenTelemetry has for it.
type Options struct {
	// Endpoint is the address of the collector, "http://127.0.0.1:4318". Without a path, /v1/traces is meant.
	Endpoint string
	// Service is service.name. OTEL_SERVICE_NAME goes before it.
	Service string
	// Headers go with each request.
	Headers map[string]string
	// Ratio is the part of traces that is sent; below 0: what OTEL_TRACES_SAMPLER says, else all.
	Ratio float64
	// Env finds variables; nil: there are none.
	Env func(string) (string, bool)
	// Report is told what goes wrong, once until it goes well again; nil: nobody is.
	Report func(error)

	attributes []attribute
}

// Wanted reports whether the environment asks for traces: an endpoint is set, and OTEL_SDK_DISABLED and
// OTEL_TRACES_EXPORTER do not say otherwise.
func Wanted(env func(string) (string, bool)) bool {
	if off, _ := env("OTEL_SDK_DISABLED"); strings.EqualFold(off, "true") {
		return false
	}
	if exporter, ok := env("OTEL_TRACES_EXPORTER"); ok && exporter != "otlp" && exporter != "" {
		return false
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"} {
		if v, _ := env(name); v != "" {
			return true
		}
	}
	return false
}

// complete fills in what the environment says.
func (o *Options) complete() error {
	env := func(name string) string {
		if o.Env == nil {
			return ""
		}
		v, _ := o.Env(name)
		return v
	}
	endpoint := o.Endpoint
	if endpoint == "" {
		endpoint = env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
	}
	if base := env("OTEL_EXPORTER_OTLP_ENDPOINT"); endpoint == "" && base != "" {
		endpoint = strings.TrimRight(base, "/") + "/v1/traces"
	}
	if !strings.Contains(endpoint, "://") {
		endpoint = "http://" + endpoint
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%q is no address of a collector: http://127.0.0.1:4318 is", o.Endpoint)
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1/traces"
	}
	o.Endpoint = u.String()
	headers := map[string]string{}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"} {
		for k, v := range pairs(env(name)) {
			headers[k] = v
		}
	}
	for k, v := range o.Headers {
		headers[k] = v
	}
	o.Headers = headers
	if name := env("OTEL_SERVICE_NAME"); name != "" {
		o.Service = name
	}
	o.attributes = []attribute{text("service.name", o.Service), text("telemetry.sdk.name", "skyrun"), text("telemetry.sdk.language", "go")}
	for _, pair := range strings.Split(env("OTEL_RESOURCE_ATTRIBUTES"), ",") {
		if k, v, ok := strings.Cut(pair, "="); ok && strings.TrimSpace(k) != "service.name" {
			o.attributes = append(o.attributes, text(strings.TrimSpace(k), unescaped(v)))
		}
	}
	if o.Ratio < 0 {
		o.Ratio = 1
		switch sampler := env("OTEL_TRACES_SAMPLER"); sampler {
		case "", "always_on", "parentbased_always_on":
		case "always_off", "parentbased_always_off":
			o.Ratio = 0
		case "traceidratio", "parentbased_traceidratio":
			if arg := env("OTEL_TRACES_SAMPLER_ARG"); arg != "" {
				if o.Ratio, err = strconv.ParseFloat(arg, 64); err != nil || o.Ratio < 0 || o.Ratio > 1 {
					return fmt.Errorf("OTEL_TRACES_SAMPLER_ARG is %q, and no number from 0 to 1", arg)
				}
			}
		default:
			return fmt.Errorf("OTEL_TRACES_SAMPLER is %q: always_on, always_off and traceidratio are known", sampler)
		}
	}
	return nil
}

func pairs(list string) map[string]string {
	m := map[string]string{}
	for _, pair := range strings.Split(list, ",") {
		if k, v, ok := strings.Cut(pair, "="); ok {
			m[strings.TrimSpace(k)] = unescaped(v)
		}
	}
	return m
}

func unescaped(v string) string {
	v = strings.TrimSpace(v)
	if plain, err := url.PathUnescape(v); err == nil {
		return plain
	}
	return v
}

// The shape of OTLP in JSON. Numbers of 64 bits are text there, and ids hexadecimal.
type (
	request struct {
		ResourceSpans []resourceSpans `json:"resourceSpans"`
	}
	resourceSpans struct {
		Resource   resource     `json:"resource"`
		ScopeSpans []scopeSpans `json:"scopeSpans"`
	}
	resource struct {
		Attributes []attribute `json:"attributes"`
	}
	scopeSpans struct {
		Scope scope      `json:"scope"`
		Spans []spanJSON `json:"spans"`
	}
	scope struct {
		Name string `json:"name"`
	}
	spanJSON struct {
		TraceID    string      `json:"traceId"`
		SpanID     string      `json:"spanId"`
		ParentID   string      `json:"parentSpanId,omitempty"`
		Name       string      `json:"name"`
		Kind       int         `json:"kind"`
		Start      string      `json:"startTimeUnixNano"`
		End        string      `json:"endTimeUnixNano"`
		Attributes []attribute `json:"attributes"`
		Status     *status     `json:"status,omitempty"`
	}
	status struct {
		Code    int    `json:"code"` // 2: an error
		Message string `json:"message"`
	}
	attribute struct {
		Key   string `json:"key"`
		Value value  `json:"value"`
	}
	value struct {
		String string `json:"stringValue"`
	}
)

func text(key, v string) attribute { return attribute{key, value{strings.ToValidUTF8(v, "\uFFFD")}} }

// encode makes the body of a request.
func (x *Exporter) encode(list []span) ([]byte, error) {
	spans := make([]spanJSON, len(list))
	for i := range list {
		s := &list[i]
		j := spanJSON{
			TraceID: x.traceID(s.trace), SpanID: fmt.Sprintf("%016x", s.id), Name: strings.ToValidUTF8(s.name, "\uFFFD"), Kind: s.kind,
			Start: x.stamp(s.began), End: x.stamp(s.ended),
			Attributes: []attribute{
				text("rpc.system", "skynet"), text("skynet.service", s.service), text("skynet.actor", s.actor.String()), text("skynet.type", s.typ.String()),
				text("skynet.trace", strconv.FormatUint(s.trace, 10)),
			},
		}
		if s.parent != 0 {
			j.ParentID = fmt.Sprintf("%016x", s.parent)
		}
		if s.command != "" {
			j.Attributes = append(j.Attributes, text("rpc.method", s.command))
		}
		if s.peer != "" {
			j.Attributes = append(j.Attributes, text("rpc.service", s.peer))
		}
		if s.failure != "" {
			j.Status = &status{2, strings.ToValidUTF8(s.failure, "\uFFFD")}
		}
		spans[i] = j
	}
	return json.Marshal(request{[]resourceSpans{{resource{x.options.attributes}, []scopeSpans{{scope{"skyrun"}, spans}}}}})
}

func (x *Exporter) stamp(t int64) string {
	return strconv.FormatInt(x.began.Add(time.Duration(t)).UnixNano(), 10)
}

// send posts spans in batches until the exporter is closed, and then what is left.
func (x *Exporter) send() {
	defer x.group.Done()
	client := &http.Client{Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	list := make([]span, 0, batch)
	timer := time.NewTimer(lingering)
	defer timer.Stop()
	failed := false
	post := func(ctx context.Context) {
		if len(list) == 0 {
			return
		}
		err := x.post(ctx, client, list)
		if err != nil && !failed && x.options.Report != nil {
			x.options.Report(fmt.Errorf("traces are not taken: %w", err))
		}
		failed = err != nil
		list = list[:0]
	}
	for {
		select {
		case s := <-x.spans:
			if list = append(list, s); len(list) == batch {
				post(context.Background())
			}
		case <-timer.C:
			post(context.Background())
			timer.Reset(lingering)
		case <-x.quit:
			x.flush(&list, post)
			return
		}
	}
}

// flushTime is how long the end of a node waits for the collector.
const flushTime = 3 * time.Second

func (x *Exporter) flush(list *[]span, post func(context.Context)) {
	ctx, cancel := context.WithTimeout(context.Background(), flushTime)
	defer cancel()
	for {
		select {
		case s := <-x.spans:
			if *list = append(*list, s); len(*list) == batch {
				post(ctx)
			}
		default:
			post(ctx)
			if n := x.dropped.Load(); n > 0 && x.options.Report != nil {
				x.options.Report(fmt.Errorf("%d spans came faster than the collector takes them, and were dropped: see OTEL_TRACES_SAMPLER", n))
			}
			return
		}
	}
}

func (x *Exporter) post(ctx context.Context, client *http.Client, list []span) error {
	body, err := x.encode(list)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, x.options.Endpoint, bytes.NewReader(body))
	if err != nil {
		return err
	}
	for k, v := range x.options.Headers {
		r.Header.Set(k, v)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(io.LimitReader(answer.Body, 1<<10))
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("%s says %s: %s", x.options.Endpoint, answer.Status, strings.TrimSpace(string(said)))
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return err
}
