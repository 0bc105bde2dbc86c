"""What is burnt into the 32 camera-trap pictures of $IRBIS_DATA/camera_trap_ocr, read by a human.

Month, day, year, or year, month, day where the camera writes it so; then the time.
"""

STAMPS = {
    "AmurLeopard_31.jpg": "12/04/2015 04:51:54",
    "AmurLeopard_8.jpg": "11/20/2015 11:09:31",
    "AmurTiger_899.jpg": "10/12/2020 05:48:28",
    "Badger__177.jpg": "11/19/2020 11:58:13",
    "BlackBear_102.jpg": "07/10/2015 17:47:33",
    "LeopardCat_4046.jpg": "07/10/2016 14:43:09",
    "MuskDeer_1595.jpg": "01/29/2017 15:53:15",
    "RaccoonDog192.jpg": "03/16/2016 19:39:47",
    "RaccoonDog254.jpg": "03/31/2016 11:24:02",
    "RacoonDog_00211500.jpg": "04/10/2015 19:47:00",
    "RacoonDog_114 (2).jpg": "09/10/2015 06:03:04",
    "RedFox(212).jpg": "11/29/2015 11:30:21",
    "RedFox_1 (508).jpg": "05/02/2015 01:44:02",
    "RoeDeer(582).jpg": "03/31/2016 21:35:24",
    "RoeDeer(729).jpg": "03/24/2016 16:19:55",
    "Sable98.jpg": "10/30/2016 18:52:50",
    "SablebunightSablebunight1173.jpg": "03/27/2020 01:06:19",
    "SablebunightSablebunight976.jpg": "09/29/2020 07:48:04",
    "SikaDeer410.jpg": "04/30/2016 03:55:55",
    "SikaDeer_2196.jpg": "10/29/2014 06:01:58",
    "SikaDeer_2224.jpg": "11/01/2014 05:02:32",
    "Weasel_1079.jpg": "2020/12/09 21:21:08",
    "Weasel_1266.jpg": "02/23/2020 21:20:39",
    "Weasel_418.jpg": "08/10/2015 18:20:15",
    "WildBoar799.jpg": "05/05/2016 10:38:17",
    "Wildboar_1816.jpg": "09/29/2016 20:00:11",
    "Y.T.Marten515.jpg": "12/24/2020 06:35:49",
    "Y.T.Marten83.jpg": "01/01/2016 14:51:28",
    "dayBlackBearbunight1055.jpg": "04/29/2020 12:38:52",
    "leopard_2426.jpg": "08/24/2016 07:48:50",
    "nightBlackBearbunight1670.jpg": "2020/09/24 22:24:28",
    "nightBlackBearbunight726.jpg": "2020/10/03 05:36:45",
}
