using SmsCrm.Reporting.Exports;

namespace SmsCrm.UnitTests.Reporting.Exports;

public sealed class CsvTextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "\"\"")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("two\r\nlines", "\"two\r\nlines\"")]
    [InlineData("naïve 短信 🙂", "naïve 短信 🙂")]
    [InlineData(" spaced ", " spaced ")]
    public void A_field_is_quoted_where_it_must_be(string field, string text) => Assert.Equal($"{text}\r\n", CsvText.Line([field]));

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"")]
    [InlineData("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0")]
    [InlineData("-2+3", "'-2+3")]
    [InlineData("@SUM(1)", "'@SUM(1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\r=1", "\"'\r=1\"")]
    public void What_a_spreadsheet_would_take_for_a_formula_is_made_text(string field, string text) => Assert.Equal($"{text}\r\n", CsvText.Line([field]));

    [Theory]
    [InlineData("+14155550123")]
    [InlineData("-12")]
    [InlineData("0.008300")]
    public void A_plain_number_stays_as_it_is(string field) => Assert.Equal($"{field}\r\n", CsvText.Line([field]));

    [Fact]
    public void Fields_are_separated_and_an_empty_first_one_counts() => Assert.Equal("\"\",b,\"\"\r\n", CsvText.Line(["", "b", ""]));
}
