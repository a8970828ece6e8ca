// COPY's binary format: signature, flags, header extension; rows of counted fields; a count of -1 ends it.
#include "copy_formats.hpp"
#include "parameter_text.hpp"

namespace sealrow::session::postgres {
namespace {

constexpr std::string_view signature("PGCOPY\n\377\r\n\0", 11);
constexpr std::uint32_t null_size = 0xFFFFFFFFu;

class BinaryFormat final : public CopyFormat {
 public:
  explicit BinaryFormat(std::vector<Oid> tenant_types) : tenant_types_(std::move(tenant_types)) {}

  std::unique_ptr<CopyFormat> clone() const override { return std::make_unique<BinaryFormat>(*this); }

  Cut cut(std::string_view data, bool, std::size_t& size) override {
    if (header_) return cut_header(data, size);
    if (data.size() < 2) return Cut::more;
    const std::uint16_t count = load_u16(data.data());
    if (count == 0xFFFF) {
      size = 2;
      return Cut::end;
    }
    std::size_t at = 2;
    for (std::uint16_t i = 0; i < count; ++i) {
      if (data.size() - at < 4) return Cut::more;
      const std::uint32_t length = load_u32(data.data() + at);
      at += 4;
      if (length == null_size) continue;
      if (length > 0x7FFFFFFFu) return Cut::malformed;
      if (data.size() - at < length) return Cut::more;
      at += length;
    }
    size = at;
    return Cut::row;
  }

  void taken() override { header_ = false; }

  bool fields(std::string_view row, std::vector<CopyField>& out) override {
    out.clear();
    const std::uint16_t count = load_u16(row.data());
    std::size_t at = 2;
    for (std::uint16_t i = 0; i < count; ++i) {
      CopyField field{at, 0, std::nullopt};
      const std::uint32_t length = load_u32(row.data() + at);
      at += 4;
      if (length != null_size) {
        field.value = std::string(row.substr(at, length));
        at += length;
      }
      field.end = at;
      out.push_back(std::move(field));
    }
    return true;
  }

  void append_field(std::string& out, std::size_t, const std::optional<std::string>& value) override {
    append_u32(out, value ? static_cast<std::uint32_t>(value->size()) : null_size);
    if (value) out += *value;
  }

  Format value_format(plan::Storage) const noexcept override { return Format::binary; }

  std::optional<std::string> tenant_text(plan::TenantIndex rule, const std::string& value) const override {
    return binary_text(tenant_types_.at(rule), value);
  }

 private:
  static Cut cut_header(std::string_view data, std::size_t& size) {
    constexpr std::size_t fixed = 11 + 4 + 4;
    if (data.size() < fixed)
      return signature.starts_with(data.substr(0, signature.size())) ? Cut::more : Cut::malformed;
    const std::uint32_t extension = load_u32(data.data() + 15);
    if (!data.starts_with(signature) || extension > (1u << 20)) return Cut::malformed;
    size = fixed + extension;
    return data.size() < size ? Cut::more : Cut::header;
  }

  std::vector<Oid> tenant_types_;
  bool header_ = true;
};

}  // namespace

std::unique_ptr<CopyFormat> make_binary_format(std::vector<Oid> tenant_types) {
  return std::make_unique<BinaryFormat>(std::move(tenant_types));
}

}  // namespace sealrow::session::postgres
