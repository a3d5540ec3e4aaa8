#include "harness/http/url.hpp"

#include <charconv>
#include <curl/curl.h>
#include <memory>
#include <new>

namespace afterwrite::http {
namespace {

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlDeleter>;

Url parsed(const std::string& text) {
  Url url(curl_url());
  if (url == nullptr) throw std::bad_alloc();
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) url.reset();
  return url;
}

std::optional<std::string> part_of(const Url& url, CURLUPart part, unsigned flags = 0) {
  char* raw = nullptr;
  if (!url || curl_url_get(url.get(), part, &raw, flags) != CURLUE_OK) return std::nullopt;
  const std::unique_ptr<char, void (*)(void*)> text(raw, curl_free);
  return std::string(text.get());
}

bool is_http(const std::optional<std::string>& scheme) {
  return scheme == "http" || scheme == "https";
}

}  // namespace

std::optional<Origin> origin_of(const std::string& url) {
  const Url parts = parsed(url);
  const auto scheme = part_of(parts, CURLUPART_SCHEME);
  auto host = part_of(parts, CURLUPART_HOST);
  const auto port = part_of(parts, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  if (!is_http(scheme) || !host || !port) return std::nullopt;
  // The brackets of an IPv6 address are the URL's.
  if (host->starts_with('[') && host->ends_with(']')) host = host->substr(1, host->size() - 2);
  Origin origin{*scheme, *host, 0};
  std::from_chars(port->data(), port->data() + port->size(), origin.port);
  return origin;
}

bool has_credentials(const std::string& url) {
  const Url parts = parsed(url);
  return part_of(parts, CURLUPART_USER).has_value() || part_of(parts, CURLUPART_PASSWORD).has_value();
}

std::optional<std::string> resolved_url(const std::string& base, const std::string& location) {
  const Url url = parsed(base);
  if (!url || curl_url_set(url.get(), CURLUPART_URL, location.c_str(), 0) != CURLUE_OK) return std::nullopt;
  if (!is_http(part_of(url, CURLUPART_SCHEME))) return std::nullopt;
  return part_of(url, CURLUPART_URL);
}

}  // namespace afterwrite::http
