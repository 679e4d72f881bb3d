using SmsCrm.Server.Endpoints.Management;

namespace SmsCrm.UnitTests.Server.Endpoints.Management;

public sealed class MicrosTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("0.000001", 1)]
    [InlineData("99.9999990", 99_999_999)]
    [InlineData("100", 100_000_000)]
    public void Amounts_of_up_to_six_decimals_are_kept_as_they_are(string units, long expected)
    {
        Assert.True(Micros.TryOf(decimal.Parse(units, System.Globalization.CultureInfo.InvariantCulture), Micros.MostRate, out var micros));
        Assert.Equal(expected, micros);
    }

    [Theory]
    [InlineData("-0.000001")]
    [InlineData("0.0000001")]
    [InlineData("100.000001")]
    [InlineData("79228162514264337593543950335")]
    public void Others_are_refused_and_never_rounded(string units) =>
        Assert.False(Micros.TryOf(decimal.Parse(units, System.Globalization.CultureInfo.InvariantCulture), Micros.MostRate, out _));
}
