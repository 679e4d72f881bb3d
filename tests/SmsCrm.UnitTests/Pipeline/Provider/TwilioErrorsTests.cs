using SmsCrm.Pipeline.Provider;

namespace SmsCrm.UnitTests.Pipeline.Provider;

public sealed class TwilioErrorsTests
{
    [Theory]
    [InlineData(20003, ErrorClass.Halt)]
    [InlineData(20005, ErrorClass.Halt)]
    [InlineData(20404, ErrorClass.Halt)]
    [InlineData(30002, ErrorClass.Halt)]
    [InlineData(21610, ErrorClass.Suppress)]
    [InlineData(20429, ErrorClass.Transient)]
    [InlineData(21611, ErrorClass.Transient)]
    [InlineData(35125, ErrorClass.Transient)]
    [InlineData(30001, ErrorClass.Transient)]
    [InlineData(30017, ErrorClass.Transient)]
    [InlineData(30022, ErrorClass.Transient)]
    [InlineData(21211, ErrorClass.Permanent)]
    [InlineData(21212, ErrorClass.Permanent)]
    [InlineData(21606, ErrorClass.Permanent)]
    [InlineData(21408, ErrorClass.Permanent)]
    [InlineData(21602, ErrorClass.Permanent)]
    [InlineData(21603, ErrorClass.Permanent)]
    [InlineData(21604, ErrorClass.Permanent)]
    [InlineData(21608, ErrorClass.Permanent)]
    [InlineData(21609, ErrorClass.Permanent)]
    [InlineData(21612, ErrorClass.Permanent)]
    [InlineData(21614, ErrorClass.Permanent)]
    [InlineData(21617, ErrorClass.Permanent)]
    [InlineData(21703, ErrorClass.Permanent)]
    [InlineData(21704, ErrorClass.Permanent)]
    [InlineData(35111, ErrorClass.Permanent)]
    [InlineData(35114, ErrorClass.Permanent)]
    [InlineData(35118, ErrorClass.Permanent)]
    [InlineData(30007, ErrorClass.Permanent)]
    [InlineData(29999, ErrorClass.Permanent)]
    public void A_code_asks_for_what_Twilio_documents(int code, ErrorClass expected) => Assert.Equal(expected, TwilioErrors.Classify(code));

    [Fact]
    public void A_429_may_be_tried_again_whatever_its_code()
    {
        var outcome = Judge(429, 20999, TimeSpan.FromSeconds(3));

        Assert.Equal(new PostOutcome.Throttled(20999, "text", TimeSpan.FromSeconds(3)), outcome);
    }

    [Fact]
    public void A_transient_error_is_throttling_under_any_status() => Assert.IsType<PostOutcome.Throttled>(Judge(400, 21611));

    [Fact]
    public void Any_other_error_of_the_providers_own_is_a_refusal_with_its_class() =>
        Assert.Equal(new PostOutcome.Rejected(21610, "text", ErrorClass.Suppress), Judge(400, 21610));

    [Theory]
    [InlineData(500, 20500)]
    [InlineData(503, 20503)]
    [InlineData(400, 20500)]
    [InlineData(400, 30410)]
    [InlineData(201, 21211)]
    [InlineData(302, 21211)]
    public void An_error_within_the_provider_proves_nothing(int status, int code) => Assert.Null(Judge(status, code));

    [Fact]
    public void An_error_body_that_is_not_the_providers_proves_nothing() => Assert.Null(TwilioErrors.Judge(400, null, null));

    private static PostOutcome? Judge(int status, int code, TimeSpan? retryAfter = null) =>
        TwilioErrors.Judge(status, new TwilioErrorBody(code, "text"), retryAfter);
}
