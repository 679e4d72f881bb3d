using FsCheck;
using FsCheck.Xunit;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.UnitTests.Pipeline.Messages;

public sealed class LinkCodeTests
{
    [Fact]
    public void Codes_use_every_letter_of_the_alphabet_at_every_place()
    {
        var codes = Enumerable.Range(0, 20_000).Select(static _ => LinkCode.Draw()).ToList();

        Assert.All(codes, static code => Assert.True(LinkCode.IsWellFormed(code), code));
        Assert.Equal(codes.Count, codes.Distinct().Count());
        Assert.All(Enumerable.Range(0, LinkCode.Length), place => Assert.Equal(62, codes.Select(code => code[place]).Distinct().Count()));
    }

    [Property]
    public bool Whatever_code_is_drawn_a_text_has_as_many_segments_as_was_said_before(NonNull<string> before, NonNull<string> after)
    {
        var body = $"{before.Get}{{{{link:a}}}}{after.Get}";
        var (said, sent) = (LinkText.PutIn(body, "https://go.example.com", static _ => LinkText.AnyCode), LinkText.PutIn(body, "https://go.example.com", static _ => LinkCode.Draw()));

        return (said.Length, Segments.Count(said).Segments) == (sent.Length, Segments.Count(sent).Segments);
    }

    [Theory]
    [InlineData("")]
    [InlineData("abcdefghi")]
    [InlineData("abcdefghijk")]
    [InlineData("abcdefghi-")]
    [InlineData("abcdefghi\n")]
    [InlineData("äbcdefghij")]
    public void What_can_t_have_been_drawn_is_told_at_sight(string code) => Assert.False(LinkCode.IsWellFormed(code));

    [Theory]
    [InlineData("See https://go.example.com/l/aB3dE6gH9j now", "See https://go.example.com/l/ now")]
    [InlineData("go.example.com/l/aB3dE6gH9j", "go.example.com/l/")]
    [InlineData("/l/aB3dE6gH9j/l/aB3dE6gH9k.", "/l//l/.")]
    [InlineData("/l/short and /l/aB3dE6gH9jtoolong", "/l/short and /l/aB3dE6gH9jtoolong")]
    [InlineData("No link", "No link")]
    [InlineData("/l/", "/l/")]
    public void Only_codes_are_left_out_of_a_text(string body, string without) => Assert.Equal(without, LinkText.WithoutCodes(body));
}
