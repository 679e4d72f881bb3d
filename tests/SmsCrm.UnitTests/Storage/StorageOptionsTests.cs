using SmsCrm.Storage;

namespace SmsCrm.UnitTests.Storage;

public sealed class StorageOptionsTests
{
    private static readonly StorageOptions Good = new() { Postgres = "Host=127.0.0.1;Database=smscrm", Redis = "127.0.0.1:6379" };

    [Fact]
    public void Good_settings_pass() => Assert.True(new StorageOptionsValidation().Validate(null, Good).Succeeded);

    [Fact]
    public void Every_mistake_is_reported_at_once_with_setting_value_and_range()
    {
        var options = new StorageOptions { Postgres = "", CommandTimeoutSeconds = 0, MaxPoolSize = 1000, RetentionDays = 1 };

        var failures = new StorageOptionsValidation().Validate(null, options).Failures!.ToList();

        Assert.Equal(4, failures.Count);
        Assert.Contains(failures, f => f.StartsWith("SmsCrm:Storage:Postgres is empty", StringComparison.Ordinal));
        Assert.Contains("SmsCrm:Storage:CommandTimeoutSeconds is 0; it must be 1 to 600", failures);
        Assert.Contains("SmsCrm:Storage:MaxPoolSize is 1000; it must be 4 to 500", failures);
    }

    [Theory]
    [InlineData("Host=x;Bogus=1")]
    [InlineData("Password=secret1;Bogus=1")]
    [InlineData("Database=smscrm")]
    public void An_unusable_connection_string_is_refused_without_repeating_it(string value)
    {
        var failures = new StorageOptionsValidation().Validate(null, Good with { Postgres = value }).Failures!.ToList();

        var failure = Assert.Single(failures);
        Assert.StartsWith("SmsCrm:Storage:Postgres", failure, StringComparison.Ordinal);
        Assert.DoesNotContain("secret1", failure, StringComparison.Ordinal);
    }
}
