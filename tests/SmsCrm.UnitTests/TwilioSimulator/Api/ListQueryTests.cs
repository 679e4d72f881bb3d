using SmsCrm.TwilioSimulator.Api;

namespace SmsCrm.UnitTests.TwilioSimulator.Api;

public sealed class ListQueryTests
{
    private static readonly long Day = new DateTimeOffset(2026, 1, 31, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
    private const long DayMs = 24 * 3600 * 1000L;

    [Fact]
    public void A_day_is_the_whole_day()
    {
        var query = Read("?DateSent=2026-01-31");

        Assert.Equal((Day, Day + DayMs), (query.SentFromMs, query.SentBeforeMs));
    }

    [Fact]
    public void The_operator_of_a_date_is_a_part_of_its_name()
    {
        var query = Read("?DateSent%3E=2026-01-30&DateSent%3C=2026-01-31T00:00:10Z");

        Assert.Equal(Day - DayMs, query.SentFromMs);
        Assert.Equal(Day + 11_000, query.SentBeforeMs);
    }

    [Fact]
    public void Unescaped_operators_are_understood_as_well()
    {
        var query = Read("?DateSent>=2026-01-31");

        Assert.Equal(Day, query.SentFromMs);
    }

    [Theory]
    [InlineData("?PageSize=1001", 20007)]
    [InlineData("?PageSize=0", 20007)]
    [InlineData("?PageSize=many", 20007)]
    [InlineData("?Page=-1", 20001)]
    [InlineData("?DateSent=yesterday", 20001)]
    public void What_can_not_be_understood_is_refused(string query, int code)
    {
        Assert.False(ListQuery.TryRead(query, out _, out var error));
        Assert.Equal(code, error.Code);
    }

    [Fact]
    public void Without_a_size_a_page_has_fifty() => Assert.Equal(50, Read("").PageSize);

    private static ListQuery Read(string query)
    {
        Assert.True(ListQuery.TryRead(query, out var list, out _));
        return list;
    }
}
