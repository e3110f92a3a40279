#include "cli/infer_npy.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A file as numpy.save writes it, but for the padding.
std::string Npy(const std::string& head, const std::string& contents,
                char version = 1) {
  std::string file = "\x93NUMPY";
  file.push_back(version);
  file.push_back('\0');
  file.push_back(static_cast<char>(head.size()));
  file.append(version == 1 ? 1 : 3, '\0');
  return file + head + contents;
}

std::string Head(const std::string& descr, const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" +
         shape + "), }   \n";
}

std::string Problem(const std::string& file) {
  return std::string(ParseNpy(file).status().message());
}

TEST(InferNpyTest, ReadsWhatNumpySaved) {
  const absl::StatusOr<InferTensor> tensor =
      ParseNpy(Npy(Head("<i2", "1, 3"), std::string("\1\0\2\0\xFF\xFF", 6)));
  ASSERT_TRUE(tensor.ok()) << tensor.status();
  EXPECT_EQ(tensor->datatype, "INT16");
  EXPECT_THAT(tensor->shape, ElementsAre(1, 3));
  EXPECT_THAT(*ElementsOf<int16_t>(*tensor), ElementsAre(1, 2, -1));
}

TEST(InferNpyTest, ReadsEachVersionOfTheFormat) {
  for (const char version : {1, 2, 3}) {
    EXPECT_TRUE(ParseNpy(Npy(Head("|b1", "1,"), "\1", version)).ok());
  }
  for (const char version : {0, 4}) {
    EXPECT_THAT(Problem(Npy(Head("|b1", "1,"), "\1", version)),
                HasSubstr("version"));
  }
}

TEST(InferNpyTest, KnowsTheNamesOfTheDatatypes) {
  const struct {
    const char* descr;
    const char* datatype;
  } cases[] = {{"|b1", "BOOL"},   {"|u1", "UINT8"},  {"|i1", "INT8"},
               {"<u2", "UINT16"}, {"<i2", "INT16"},  {"<u4", "UINT32"},
               {"<i4", "INT32"},  {"<u8", "UINT64"}, {"<i8", "INT64"},
               {"<f2", "FP16"},   {"<f4", "FP32"},   {"<f8", "FP64"}};
  for (const auto& [descr, datatype] : cases) {
    const std::string element(*ElementBytes(datatype), '\0');
    EXPECT_EQ(ParseNpy(Npy(Head(descr, "1,"), element))->datatype, datatype);
  }
}

TEST(InferNpyTest, ReadsScalarsAndEmptyArrays) {
  EXPECT_THAT(ParseNpy(Npy(Head("|i1", ""), "\1"))->shape, IsEmpty());
  EXPECT_THAT(ParseNpy(Npy(Head("<f8", "0, 7"), ""))->shape, ElementsAre(0, 7));
}

TEST(InferNpyTest, SaysWhatToDoAboutAnArrayThatDoesNotTravel) {
  EXPECT_THAT(Problem(Npy(Head(">f4", "1,"), "1234")),
              HasSubstr("newbyteorder('<')"));
  EXPECT_THAT(Problem(Npy(Head("<U5", "1,"), "1234")),
              HasSubstr("give texts as JSON"));
  EXPECT_THAT(Problem(Npy("{'descr': '<f4', 'fortran_order': True, "
                          "'shape': (1,), }\n",
                          "1234")),
              HasSubstr("numpy.ascontiguousarray"));
}

TEST(InferNpyTest, RefusesContentsThatDoNotFit) {
  for (const char* contents : {"", "123", "12345"}) {
    EXPECT_THAT(Problem(Npy(Head("<f4", "1,"), contents)),
                HasSubstr("that is 1 elements of 4 bytes"));
  }
  EXPECT_THAT(Problem(Npy(Head("<f8", "9223372036854775807, 2"), "")),
              HasSubstr("too many elements"));
}

TEST(InferNpyTest, RefusesEveryHeadThatIsCutOff) {
  const std::string whole = Npy(Head("<f4", "1,"), "1234");
  ASSERT_EQ(Problem(whole), "");
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(Problem(whole.substr(0, size)), "") << size;
  }
}

TEST(InferNpyTest, RefusesAHeadOfAnotherForm) {
  const std::string order = "'fortran_order': False, ";
  const std::string descr = "'descr': '|i1', ";
  const std::string shape = "'shape': (1,), ";
  ASSERT_EQ(Problem(Npy(absl::StrCat("{", shape, order, descr, "}"), "1")), "");
  for (const std::string& head :
       {std::string(), absl::StrCat("{", shape, descr, "}"),
        absl::StrCat("{", shape, order, descr, descr, "}"),
        absl::StrCat("{", shape, shape, order, descr, "}"),
        absl::StrCat("{", order, order, descr, "}"),
        absl::StrCat("{", shape, order, descr, "} 1"),
        absl::StrCat("{", shape, order, descr),
        absl::StrCat("{'extra': 1, ", shape, order, descr, "}"),
        absl::StrCat("{'shape': (1.0,), ", order, descr, "}"),
        absl::StrCat("{'shape': (-1,), ", order, descr, "}"),
        absl::StrCat("{'shape': [1], ", order, descr, "}"),
        absl::StrCat("{'fortran_order': 0, ", shape, descr, "}")}) {
    EXPECT_THAT(Problem(Npy(head, "1")), HasSubstr("numpy.save")) << head;
  }
}

TEST(InferNpyTest, NamesTheFile) {
  const TemporaryFolder folder;
  const std::string path = folder.Write("x.npy", "text");
  EXPECT_THAT(std::string(ReadNpy(path).status().message()),
              HasSubstr("/x.npy: not a file that numpy.save wrote"));
  EXPECT_EQ(ReadNpy(folder.path() + "/none.npy").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_FALSE(ReadNpy(folder.path()).ok());
}

}  // namespace
}  // namespace weir
