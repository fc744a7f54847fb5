using System.ComponentModel.DataAnnotations;

namespace AiPipe.Portal.Pages;

/// <summary>An amount of USD in a form.</summary>
internal sealed class UsdRangeAttribute : RangeAttribute
{
    public UsdRangeAttribute() : base(typeof(decimal), "0", "9000000")
    {
        (ParseLimitsInInvariantCulture, ConvertValueInInvariantCulture) = (true, true);
        ErrorMessage = "Enter an amount in US dollars, such as 0.50.";
    }
}

/// <summary>A number of days in a form.</summary>
internal sealed class DaysRangeAttribute : RangeAttribute
{
    public DaysRangeAttribute(int max) : base(1, max) => ErrorMessage = $"Enter a number of days from 1 to {max}.";
}
