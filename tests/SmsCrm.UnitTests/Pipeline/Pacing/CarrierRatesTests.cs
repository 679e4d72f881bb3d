using SmsCrm.Pipeline.Pacing;

namespace SmsCrm.UnitTests.Pipeline.Pacing;

public sealed class CarrierRatesTests
{
    [Fact]
    public void A_class_without_a_rate_has_no_bucket()
    {
        var options = new PacingOptions { CarrierRates = new Dictionary<string, int> { ["CA"] = 3 } };

        Assert.Equal(("CA", 3), (options.ClassOf("CA", out var rate), rate));
        Assert.Equal((null, 0), (options.ClassOf("US", out rate), rate));
    }

    [Fact]
    public void The_bounds_themselves_are_within_them() => Assert.True(
        new CarrierRatesValidation().Validate(null, new PacingOptions { CarrierRates = new Dictionary<string, int> { ["CA"] = 1, ["US"] = 10_000 } }).Succeeded);

    [Fact]
    public void Every_rate_out_of_range_is_named_at_once()
    {
        var options = new PacingOptions { CarrierRates = new Dictionary<string, int> { ["CA"] = 0, ["US"] = 30, ["MX"] = 10_001 } };

        var failures = new CarrierRatesValidation().Validate(null, options).Failures!.ToList();

        Assert.Equal(2, failures.Count);
        Assert.Contains("SmsCrm:Pacing:CarrierRates:CA is 0: it must be from 1 to 10000.", failures);
    }
}
