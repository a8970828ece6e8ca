#include "sealrow/wire/mysql/charset.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace sealrow::wire::mysql {
namespace {

using Kind = CharsetKind;

// The character sets of MySQL 9 and MariaDB, by the number of their default collation. That bytes below 0x80 are ASCII
// was measured by converting each of them to utf8mb4 (swe7 has letters in place of eleven signs, the backslash among
// them); which sets have trail bytes below 0x80 is in the servers' ctype-*.c (euckr's are letters).
constexpr std::array charsets = {
    Charset{"big5", Kind::unsafe, 2, 1},           Charset{"dec8", Kind::single_byte, 1, 3},
    Charset{"cp850", Kind::single_byte, 1, 4},     Charset{"hp8", Kind::single_byte, 1, 6},
    Charset{"koi8r", Kind::single_byte, 1, 7},     Charset{"latin1", Kind::single_byte, 1, 8},
    Charset{"latin2", Kind::single_byte, 1, 9},    Charset{"swe7", Kind::unsafe, 1, 10},
    Charset{"ascii", Kind::ascii, 1, 11},          Charset{"ujis", Kind::multi_byte, 3, 12},
    Charset{"sjis", Kind::unsafe, 2, 13},          Charset{"hebrew", Kind::single_byte, 1, 16},
    Charset{"tis620", Kind::single_byte, 1, 18},   Charset{"euckr", Kind::unsafe, 2, 19},
    Charset{"koi8u", Kind::single_byte, 1, 22},    Charset{"gb2312", Kind::multi_byte, 2, 24},
    Charset{"greek", Kind::single_byte, 1, 25},    Charset{"cp1250", Kind::single_byte, 1, 26},
    Charset{"gbk", Kind::unsafe, 2, 28},           Charset{"latin5", Kind::single_byte, 1, 30},
    Charset{"armscii8", Kind::single_byte, 1, 32}, Charset{"utf8mb3", Kind::utf8, 3, 33},
    Charset{"ucs2", Kind::unsafe, 2, 35},          Charset{"cp866", Kind::single_byte, 1, 36},
    Charset{"keybcs2", Kind::single_byte, 1, 37},  Charset{"macce", Kind::single_byte, 1, 38},
    Charset{"macroman", Kind::single_byte, 1, 39}, Charset{"cp852", Kind::single_byte, 1, 40},
    Charset{"latin7", Kind::single_byte, 1, 41},   Charset{"utf8mb4", Kind::utf8, 4, 45},
    Charset{"cp1251", Kind::single_byte, 1, 51},   Charset{"utf16", Kind::unsafe, 4, 54},
    Charset{"utf16le", Kind::unsafe, 4, 56},       Charset{"cp1256", Kind::single_byte, 1, 57},
    Charset{"cp1257", Kind::single_byte, 1, 59},   Charset{"utf32", Kind::unsafe, 4, 60},
    Charset{"binary", Kind::binary, 1, 63},        Charset{"geostd8", Kind::single_byte, 1, 92},
    Charset{"cp932", Kind::unsafe, 2, 95},         Charset{"eucjpms", Kind::multi_byte, 3, 97},
    Charset{"gb18030", Kind::unsafe, 4, 248},
};

// Collations beside the default one: numbers and the default collation of their character set.
struct Range {
  std::uint16_t first, last, charset;
};
constexpr Range ranges[] = {
    {2, 2, 9},        {5, 5, 8},        {14, 14, 51},    {15, 15, 8},      {20, 20, 41},     {21, 21, 9},
    {23, 23, 51},     {27, 27, 9},      {29, 29, 59},    {31, 31, 8},      {34, 34, 26},     {42, 42, 41},
    {43, 43, 38},     {44, 44, 26},     {46, 46, 45},    {47, 49, 8},      {50, 52, 51},     {53, 53, 39},
    {55, 55, 54},     {58, 58, 59},     {61, 61, 60},    {62, 62, 56},     {64, 64, 32},     {65, 65, 11},
    {66, 66, 26},     {67, 67, 57},     {68, 68, 36},    {69, 69, 3},      {70, 70, 25},     {71, 71, 16},
    {72, 72, 6},      {73, 73, 37},     {74, 74, 7},     {75, 75, 22},     {76, 76, 33},     {77, 77, 9},
    {78, 78, 30},     {79, 79, 41},     {80, 80, 4},     {81, 81, 40},     {82, 82, 10},     {83, 83, 33},
    {84, 84, 1},      {85, 85, 19},     {86, 86, 24},    {87, 87, 28},     {88, 88, 13},     {89, 89, 18},
    {90, 90, 35},     {91, 91, 12},     {93, 93, 92},    {94, 94, 8},      {96, 96, 95},     {98, 98, 97},
    {99, 99, 26},     {101, 124, 54},   {128, 151, 35},  {159, 159, 35},   {160, 183, 60},   {192, 215, 33},
    {223, 223, 33},   {224, 247, 45},   {249, 250, 248}, {255, 323, 45},   {576, 578, 33},   {608, 610, 45},
    {640, 642, 35},   {672, 674, 54},   {736, 738, 60},  {2048, 2247, 33}, {2304, 2503, 45}, {2560, 2759, 35},
    {2816, 3015, 54}, {3072, 3271, 60},
};

// MariaDB: the same collation without padding.
constexpr std::uint16_t no_pad = 1024;

std::optional<Charset> by_default(std::uint16_t collation) noexcept {
  const auto* found = std::ranges::find(charsets, collation, &Charset::default_collation);
  if (found == charsets.end()) return std::nullopt;
  return *found;
}

}  // namespace

std::optional<Charset> charset_of(std::uint16_t collation) noexcept {
  if (collation >= no_pad && collation < 2 * no_pad) collation = static_cast<std::uint16_t>(collation - no_pad);
  if (auto charset = by_default(collation)) return charset;
  for (const auto& range : ranges) {
    if (collation >= range.first && collation <= range.last) return by_default(range.charset);
  }
  return std::nullopt;
}

std::optional<Charset> charset_named(std::string_view name) noexcept {
  const auto same = [name](std::string_view other) {
    return std::ranges::equal(name, other, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
  };
  if (same("utf8")) return by_default(33);
  for (const auto& charset : charsets) {
    if (same(charset.name)) return charset;
  }
  return std::nullopt;
}

}  // namespace sealrow::wire::mysql
